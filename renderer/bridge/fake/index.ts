/**
 * A bridge without an agent: a small company's laptop on a busy morning, the same every time. For tests and design work only;
 * it is reached by `fake.html`, which the product's build does not contain.
 */
export * from "./fake-bridge.ts";
export * from "./manual-clock.ts";
export * from "./scenarios.ts";
