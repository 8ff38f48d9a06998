/**
 * The `users` gate: who on this machine may use a listener, and which program is behind a connection. It asks `platform` and keeps what it
 * learnt for as long as the request lives; it judges nothing else. `agent/main` may knock.
 */
export { createGate, type Gate, type GateOptions } from "./gate.ts";
export type { AllowedUsers } from "./allowed-users.ts";
