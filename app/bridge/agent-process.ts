import { z } from "zod";

const instant = z.number();
const logLines = z.array(z.string()).max(500);

/** How the agent's process is, as the application's supervisor (or the console's connection) sees it from outside. */
export const agentProcessSchema = z.discriminatedUnion("state", [
  z.object({ state: z.literal("starting"), since: instant }),
  z.object({ state: z.literal("running"), since: instant, pid: z.number().int().optional(), restarts: z.number().int().default(0) }),
  /** It ended by itself and is being started again. */
  z.object({ state: z.literal("restarting"), since: instant, attempt: z.number().int(), retryAt: instant.optional(), lastLog: logLines }),
  /** It ended too often in too short a time; nothing is tried until somebody asks for it. */
  z.object({ state: z.literal("crash_loop"), since: instant, restarts: z.number().int(), lastLog: logLines }),
  /** It may run, but does not answer. */
  z.object({ state: z.literal("unreachable"), since: instant, detail: z.string(), retryAt: instant.optional() }),
  /** The browser's one-use link is used up or its session has ended; only a new link helps. */
  z.object({ state: z.literal("signed_out"), since: instant }),
  z.object({ state: z.literal("stopped"), since: instant }),
]);
export type AgentProcess = z.infer<typeof agentProcessSchema>;
