import type { Passage } from "../connection/index.ts";

/** A copy of an ended passage that is safe to remember: the original may still hold on to sockets and buffers. */
export function endedPassage(passage: Passage): Passage {
  const { request, incident, state, verdict, facts, backend, address, up, down, end, endedAt } = passage;
  return { request, incident, state, verdict, facts, backend, address, up, down, end, endedAt, close: ignoreEnded };
}

function ignoreEnded(): void {
  return;
}
