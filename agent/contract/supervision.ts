/**
 * What the tray application and the agent that it started say to each other on the inherited descriptor 3, a private duplex pipe.
 *   application -> agent   one line: the per-run secret (64 hex digits), never in argv, environment or on disk
 *   agent -> application   one JSON line when it is ready: {@link supervisionReportSchema}
 * When the descriptor closes, the application is gone and the agent stops with a drain.
 */
import { z } from "zod";

export const supervisionDescriptor = 3;

export const supervisionReportSchema = z.object({
  ready: z.object({
    pid: z.number().int(),
    version: z.string(),
    stateDir: z.string(),
    control: z.object({ kind: z.enum(["socket", "pipe"]), path: z.string() }),
  }),
});
export type SupervisionReport = z.infer<typeof supervisionReportSchema>;
