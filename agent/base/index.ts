/**
 * Small words without I/O: errors, ids, the clock's shape, the logger's shape, durations, deaths. No product here, and no `node:` module.
 * Every room of the agent may knock.
 */
export * from "./agent-error.ts";
export * from "./clock.ts";
export * from "./deaths.ts";
export * from "./duration.ts";
export * from "./instant.ts";
export * from "./leash.ts";
export * from "./logger.ts";
