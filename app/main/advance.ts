import type { StateEvent, StateSnapshot } from "../../agent/contract/index.ts";

/** The snapshot after an event. Only what the tray shows is kept exact; the windows keep their own copy. */
export function advance(state: StateSnapshot, event: StateEvent): StateSnapshot {
  let { status, holds, questions } = state;
  for (const change of event.changes) {
    if (change.kind === "status") status = change.status;
    else if (change.kind === "hold") holds = [...holds.filter(({ id }) => id !== change.hold.id), change.hold];
    else if (change.kind === "released") holds = holds.filter(({ id }) => id !== change.id);
    else if (change.kind === "questions") questions = change.questions;
  }
  return { ...state, seq: event.seq, status, holds, questions };
}
