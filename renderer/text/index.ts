/**
 * Every sentence that the screens show, and how numbers, sizes and times are written. It knows the failure table and nothing else of the product.
 * The shell, the features and the pieces may knock.
 */
export * from "./catalogue.ts";
export * from "./failure-text.ts";
export * from "./format.ts";
export * from "./printable.ts";
export * from "./text-context.tsx";
