import { AgentError } from "../base/index.ts";
import type { Caller, CallOutput, CallParsed } from "../contract/index.ts";
import type { HoldAnswer } from "../holds/index.ts";
import type { CallRooms } from "./handlers.ts";

/** The person's answer to a waiting connection, and the note of it in the record. */
export async function resolveHold(
  { holds, audit }: Pick<CallRooms, "holds" | "audit">,
  { id, action, reason }: CallParsed<"holds.resolve">,
  caller: Caller,
): Promise<CallOutput<"holds.resolve">> {
  const hold = holds.list().find((one) => one.id === id);
  const isReasonless = reason === undefined || reason.trim() === "";
  if (action === "continue" && isReasonless && hold?.asks.some(({ what }) => what === "reason") === true) {
    throw new AgentError("CONTROL_BAD_CALL", "the policy asks for a reason: give one");
  }
  if (!holds.resolve(id, answerOf(action, reason))) throw new AgentError("CONTROL_NOT_FOUND", "this connection does not wait any more");
  await audit.recordEvent({
    name: "hold_resolved",
    ...(hold?.connection.incident === undefined ? {} : { incident: hold.connection.incident }),
    detail: { connection: id, action, by: caller.client, ...(reason === undefined ? {} : { reason }) },
  });
  return {};
}

function answerOf(action: "continue" | "refuse", reason: string | undefined): HoldAnswer {
  if (action === "refuse") return { kind: "refuse", detail: reason ?? "refused by the person" };
  return reason === undefined ? { kind: "go" } : { kind: "go", reason };
}
