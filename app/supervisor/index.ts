/**
 * Finds, starts, greets, restarts and stops the agent process, keeps what it says, and tells how it is. It does not speak the control contract and
 * knows no window. `app/main` may knock; plain Node, no electron.
 */
export { agentProgram, type AgentProgram } from "./agent-program.ts";
export type { ReadyAgent } from "./agent-child.ts";
export { createLogFile, type LogFile } from "./log-file.ts";
export { createSupervisor, type Supervisor } from "./supervisor.ts";
