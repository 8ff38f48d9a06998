import { z } from "zod";
import { eventSchema, snapshotSchema } from "../../agent/contract/index.ts";
import { agentProcessSchema } from "./agent-process.ts";

/** A place that a tray item, a notification or a deep link may lead to. */
export const placeSchema = z.object({
  screen: z.enum(["status", "connections", "policy", "audit", "holds", "settings", "identities"]),
  /** A connection id or an incident to show there. */
  id: z
    .string()
    .max(64)
    .regex(/^[\w-]+$/)
    .optional(),
});
export type Place = z.infer<typeof placeSchema>;

/**
 * All news that reach a window. After `watch` come one `agent` and, when the agent answers, one `snapshot`; then whatever happens.
 * INVARIANT: `event.seq` follows the snapshot's `seq` one by one; a window that sees a gap calls `watch` again (renderer/store tests it).
 */
export const bridgeMessageSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("agent"), agent: agentProcessSchema }),
  z.object({ kind: z.literal("snapshot"), snapshot: snapshotSchema }),
  z.object({ kind: z.literal("event"), event: eventSchema }),
  z.object({ kind: z.literal("place"), place: placeSchema }),
]);
export type BridgeMessage = z.infer<typeof bridgeMessageSchema>;
