import type { SshDecipher } from "ssh2";
import type { GcmContext, NativeGcm } from "./native-gcm.ts";
import { BLOCK_BYTES, LENGTH_BYTES, PACKET_BYTES, TAG_BYTES } from "./packet-sizes.ts";

/**
 * The way in of one connection, in place of the library's own decipher. What is whole in a piece is decrypted from there into memory of its
 * own, which is the only copy; a packet that comes in parts is collected first.
 */
export class GcmOpener implements SshDecipher {
  inSeqno: number;
  /** Told each payload; the library puts another one here while keys are exchanged. An answer of `false` or a place: stop after this one. */
  _onPayload: SshDecipher["_onPayload"];
  readonly #gcm: NativeGcm;
  readonly #context: GcmContext;
  /** Of a packet that is not all here, the first so many bytes. */
  #part: Buffer | undefined;
  #held = 0;

  constructor(gcm: NativeGcm, { _decipherKey, _decipherIV, _onPayload, inSeqno }: Required<SshDecipher>) {
    this.#gcm = gcm;
    this.#context = gcm.createOpener(_decipherKey, _decipherIV);
    this._onPayload = _onPayload;
    this.inSeqno = inSeqno;
  }

  free(): void {}

  /** From `begin` on; a number: from there on somebody else must decrypt. */
  decrypt(data: Buffer, begin: number, end: number): number | undefined {
    let at = begin;
    while (at < end) {
      const frame = this.#held === 0 && end - at >= LENGTH_BYTES ? frameBytes(data, at) : Number.POSITIVE_INFINITY;
      const isWhole = frame <= end - at;
      const from = at;
      at = isWhole ? at + frame : this.#collect(data, at, end);
      const payload = isWhole ? this.#open(data, from, frame) : this.#openCollected();
      if (payload === undefined) continue;
      const answer = this._onPayload(payload);
      if (answer !== undefined) return answer === false ? at : answer;
    }
    return undefined;
  }

  #open(data: Buffer, at: number, frame: number): Buffer {
    const body = Buffer.allocUnsafeSlow(frame - LENGTH_BYTES - TAG_BYTES);
    if (!this.#gcm.open(this.#context, data, at, body)) throw new Error("a packet was changed on its way");
    this.inSeqno = (this.inSeqno + 1) >>> 0;
    const padding = body[0] ?? 0;
    if (padding >= body.length) throw new Error("a packet is shorter than its padding");
    return body.subarray(1, body.length - padding);
  }

  #openCollected(): Buffer | undefined {
    if (this.#part === undefined || this.#held < LENGTH_BYTES) return undefined;
    const frame = frameBytes(this.#part, 0);
    if (this.#held < frame) return undefined;
    this.#held = 0;
    return this.#open(this.#part, 0, frame);
  }

  /** The length first, and then as much as it says. Returns up to where. */
  #collect(data: Buffer, begin: number, end: number): number {
    const part = (this.#part ??= Buffer.allocUnsafeSlow(PACKET_BYTES));
    const frame = this.#held < LENGTH_BYTES ? LENGTH_BYTES : frameBytes(part, 0);
    const taken = data.copy(part, this.#held, begin, Math.min(end, begin + frame - this.#held));
    this.#held += taken;
    return begin + taken;
  }
}

/** Of the packet that begins at `at`, with its length and tag. */
function frameBytes(data: Buffer, at: number): number {
  const body = data.readUInt32BE(at);
  const frame = LENGTH_BYTES + body + TAG_BYTES;
  if (frame > PACKET_BYTES || body < BLOCK_BYTES || body % BLOCK_BYTES !== 0) throw new Error("a packet's length cannot be right");
  return frame;
}
