/**
 * Where bytes are read into. A leg at rest owns no buffer: all of them read into `shared`, which is safe because the runtime reads and
 * calls back in one breath, and what must outlive the call is copied out first. A leg that carries bulk borrows a large buffer of
 * its own, from which bytes are sent without any copy, and gives it back when the bulk is over.
 */
export const shared: Buffer = Buffer.allocUnsafeSlow(32 * 1024);

const LARGE_BYTES = 512 * 1024;
/** Enough for a busy laptop; more than this many idle large buffers are left to the garbage collector. */
const POOL_LIMIT = 8;

const pool: Buffer[] = [];

export function borrowLarge(): Buffer {
  return pool.pop() ?? Buffer.allocUnsafeSlow(LARGE_BYTES);
}

/** INVARIANT: nobody reads into or sends from `buffer` any more. Guarded by leg-bulk.test.ts. */
export function giveBackLarge(buffer: Buffer): void {
  if (pool.length < POOL_LIMIT) pool.push(buffer);
}

/** Smaller pieces share their memory with others. */
const OWN_BYTES = 16 * 1024;
/** What a protocol's frame may have around its payload. */
const FRAME_BYTES = 1024;
/** RFC 4253 section 6.1. The pool that small buffers share, which must never be given back, is larger. */
const PACKET_BYTES = 35_000;

/**
 * A piece that was copied and that nobody looks at again gives its memory back now. The runtime makes one for each packet that it decrypts, and
 * whenever 64 MB of them have come together it marks the whole heap to find out that they are gone: half of the work of a bulk transfer.
 */
export function giveBackPiece(piece: Uint8Array): void {
  const { buffer } = piece;
  const isOwn = piece.length >= OWN_BYTES && buffer.byteLength <= piece.length + FRAME_BYTES;
  if (isOwn && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** The same for a packet whose first bytes, which say how long the rest is, were given out; it must fill its memory exactly. */
export function giveBackPacket(head: Buffer): void {
  const { buffer, length } = head;
  // Its memory is gone already.
  if (length === 0) return;
  const packetBytes = length + head.readUInt32BE(0);
  if (packetBytes >= OWN_BYTES && packetBytes <= PACKET_BYTES && buffer.byteLength === packetBytes && buffer instanceof ArrayBuffer)
    buffer.transfer(0);
}

let scratch = Buffer.allocUnsafeSlow(shared.length);

/** A copy of the first `count` bytes of {@link shared}, good until the next call unless {@link keepScratch} is called. */
export function copyOfShared(count: number): Buffer {
  shared.copy(scratch, 0, 0, count);
  return count === scratch.length ? scratch : scratch.subarray(0, count);
}

/** The last copy is still being sent: leave it alone and copy elsewhere from now on. */
export function keepScratch(): void {
  scratch = Buffer.allocUnsafeSlow(shared.length);
}
