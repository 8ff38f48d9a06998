import type { Leg } from "../../net/index.ts";
import { HeadReader, type HeadStep } from "./head-reader.ts";

export type ReceivedHead =
  | Exclude<HeadStep, { readonly kind: "more" }>
  /** The peer ended cleanly before the first byte of a head. */
  | { readonly kind: "ended" }
  /** The peer ended in the middle of one. */
  | { readonly kind: "unfinished" };

/**
 * Read one head from a leg; `first` are bytes of it that were read already. What came behind it is put back. Rejects with LegEnded when
 * the connection breaks off.
 */
export async function readHead(leg: Leg, first?: Buffer): Promise<ReceivedHead> {
  const reader = new HeadReader();
  let chunk = first ?? (await leg.readSome());
  for (;;) {
    if (chunk.length === 0) return reader.isEmpty ? { kind: "ended" } : { kind: "unfinished" };
    const step = reader.push(chunk);
    if (step.kind === "more") {
      chunk = await leg.readSome();
      continue;
    }
    if (step.kind === "head") leg.unread(step.rest);
    return step;
  }
}
