/**
 * The letterbox: what the outside may know of the agent. Schemas of control calls and events, the shapes they carry, and the
 * table of failures. It has no behaviour. The application, the screens, the command line and the tests may knock here;
 * it imports nothing but the schema library.
 */
export * from "./failures.ts";
export * from "./shapes.ts";
export * from "./calls.ts";
export * from "./config.ts";
export * from "./supervision.ts";
export * from "./node-flags.ts";
