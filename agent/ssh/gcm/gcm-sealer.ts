import type { SshCipher } from "ssh2";
import type { GcmContext, NativeGcm } from "./native-gcm.ts";
import { BLOCK_BYTES, LENGTH_BYTES, TAG_BYTES } from "./packet-sizes.ts";

/** RFC 4253 section 6: of padding there is never less. */
const LEAST_PADDING = 4;

/** The way out of one connection, in place of the library's own cipher: one piece for each packet, and no object. */
export class GcmSealer implements SshCipher {
  outSeqno: number;
  readonly #gcm: NativeGcm;
  readonly #context: GcmContext;
  readonly #write: (packet: Buffer) => void;
  #isFreed = false;

  constructor(gcm: NativeGcm, { _encKey, _encIV, _onWrite, outSeqno }: Required<SshCipher>) {
    this.#gcm = gcm;
    this.#context = gcm.createSealer(_encKey, _encIV);
    this.#write = _onWrite;
    this.outSeqno = outSeqno;
  }

  /** Room for a packet; the payload belongs behind the length and the byte that tells the padding. */
  allocPacket(payloadBytes: number): Buffer {
    const body = Math.ceil((1 + payloadBytes + LEAST_PADDING) / BLOCK_BYTES) * BLOCK_BYTES;
    const packet = Buffer.allocUnsafe(LENGTH_BYTES + body + TAG_BYTES);
    packet.writeUInt32BE(body, 0);
    packet[LENGTH_BYTES] = body - payloadBytes - 1;
    return packet;
  }

  encrypt(packet: Buffer): void {
    if (this.#isFreed) return;
    this.#gcm.seal(this.#context, packet);
    this.#write(packet);
    this.outSeqno = (this.outSeqno + 1) >>> 0;
  }

  free(): void {
    this.#isFreed = true;
  }
}
