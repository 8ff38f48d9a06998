/**
 * The one table of calls between a window and what stands behind it, and the ends derived from it. Pure: no electron, no node, no DOM.
 * It is not the control channel: it lists what a window may ask of the agent, one by one, and adds what only the application can do.
 * The preload, the application's main process, the screens and their fake may knock.
 */
export * from "./agent-process.ts";
export * from "./answer-call.ts";
export * from "./app-settings.ts";
export * from "./bridge-calls.ts";
export * from "./bridge-error.ts";
export * from "./bridge-message.ts";
export * from "./portail-bridge.ts";
export * from "./preload-bridge.ts";
