import type { Leg } from "../../net/index.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { selectTrailers } from "./forwarded-head.ts";
import type { Framing } from "./framing.ts";
import { hasRoom } from "./has-room.ts";
import { formatFields } from "./head.ts";

/** How a body ended. */
export type BodyEnd =
  | { readonly kind: "complete" }
  /** The sender ended before the body did. */
  | { readonly kind: "truncated" }
  | { readonly kind: "bad"; readonly detail: string }
  /** The receiver is gone. */
  | { readonly kind: "unwanted" };

export interface BodyMove {
  readonly from: Leg;
  /** As it comes. */
  readonly framing: Framing;
  readonly to: Leg;
  /** Whether it goes on in chunks. Without them the bytes go on bare: their number was announced, or their end is our close. */
  readonly chunked: boolean;
  /** Told how many bytes of the sender were taken, as they stood on the wire. */
  readonly taken: (bytes: number) => void;
}

const COMPLETE: BodyEnd = { kind: "complete" };

/**
 * Move one body, and nothing behind it: bytes of the next message are put back. At most one read beyond `maxQueuedBytes` is held for a
 * slow receiver. Rejects with LegEnded when the sender breaks off.
 */
export async function moveBody(move: BodyMove): Promise<BodyEnd> {
  switch (move.framing.kind) {
    case "none":
      return COMPLETE;
    case "length":
      return moveLength(move, move.framing.bytes);
    case "close":
      return moveLength(move, Number.POSITIVE_INFINITY);
    case "chunked":
      return moveChunked(move);
  }
}

/** An endless body is complete when its sender ends. */
async function moveLength(move: BodyMove, bytes: number): Promise<BodyEnd> {
  const { from, to } = move;
  for (let left = bytes; left > 0; ) {
    const chunk = await from.readSome();
    if (chunk.length === 0) {
      if (left !== Number.POSITIVE_INFINITY) return { kind: "truncated" };
      break;
    }
    const part = chunk.length > left ? chunk.subarray(0, left) : chunk;
    if (part.length < chunk.length) from.unread(chunk.subarray(part.length));
    left -= part.length;
    move.taken(part.length);
    to.write(move.chunked ? asChunk(part) : part);
    if (left > 0 && !(await hasRoom(to))) return { kind: "unwanted" };
  }
  if (move.chunked) to.write("0\r\n\r\n");
  return COMPLETE;
}

async function moveChunked(move: BodyMove): Promise<BodyEnd> {
  const reader = new ChunkReader();
  for (;;) {
    const bytes = await move.from.readSome();
    if (bytes.length === 0) return { kind: "truncated" };
    const end = moveChunks(move, reader, bytes);
    if (end !== undefined) return end;
    if (!(await hasRoom(move.to))) return { kind: "unwanted" };
  }
}

/** What one read holds of a chunked body; undefined when the body goes on behind it. */
function moveChunks(move: BodyMove, reader: ChunkReader, bytes: Buffer): BodyEnd | undefined {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { event, next } = reader.step(bytes, at);
    move.taken(next - at);
    at = next;
    if (event?.kind === "data") pieces.push(event.bytes);
    if (event?.kind === "bad") return event;
    if (event?.kind !== "end") continue;
    move.from.unread(bytes.subarray(at));
    writePieces(move, pieces);
    if (move.chunked) move.to.write(Buffer.from(`0\r\n${formatFields(selectTrailers(event.trailers))}\r\n`, "latin1"));
    return COMPLETE;
  }
  writePieces(move, pieces);
  return undefined;
}

/** All data of one read goes on as one chunk: how the sender cut it means nothing. */
function writePieces(move: BodyMove, pieces: readonly Uint8Array[]): void {
  const [only] = pieces;
  if (only === undefined) return;
  const data = pieces.length === 1 ? only : Buffer.concat(pieces);
  move.to.write(move.chunked ? asChunk(data) : data);
}

function asChunk(data: Uint8Array): Buffer {
  const size = Buffer.from(`${data.length.toString(16)}\r\n`, "latin1");
  return Buffer.concat([size, data, CRLF]);
}

const CRLF = Buffer.from("\r\n", "latin1");
