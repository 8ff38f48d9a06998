/**
 * Speaks the agent's control contract: greets with the secret, calls, watches, reconnects. It starts no process and knows no window.
 * `app/main` may knock; plain Node, no electron.
 */
export { type AgentClient, type AgentPlace, createAgentClient } from "./agent-client.ts";
