/**
 * Copies of the agent's state for the screens, and the window's own small state (place, preferences, notices). The only subscriber to news.
 * Copies, never truth: it decides nothing. Features, pieces and the shell may knock.
 */
export * from "./agent-state.ts";
export * from "./agent-store.ts";
export * from "./notice-store.ts";
export * from "./place-store.ts";
export * from "./portail.tsx";
export * from "./settings-store.ts";
export * from "./traffic.ts";
export * from "./use-call.ts";
export * from "./use-now.ts";
export * from "./use-settled.ts";
export type {
  AgentProcess,
  AppSettings,
  AppSettingsChange,
  BridgeOutput,
  PortailBridge,
  ScreenClock,
} from "../bridge/index.ts";
export { BridgeError } from "../bridge/index.ts";
