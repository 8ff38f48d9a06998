import { ProofFailed } from "./proof-failed.ts";

/** Reads the TPM's own encoding: big endian, sizes before contents (TPM 2.0 Library, part 2). Throws ProofFailed beyond the end. */
export class TpmReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  bytes(length: number): Buffer {
    const part = this.#bytes.subarray(this.#at, this.#at + length);
    if (part.length !== length) throw new ProofFailed("a TPM structure is cut off");
    this.#at += length;
    return part;
  }

  u8(): number {
    return this.bytes(1).readUInt8(0);
  }

  u16(): number {
    return this.bytes(2).readUInt16BE(0);
  }

  u32(): number {
    return this.bytes(4).readUInt32BE(0);
  }

  /** TPM2B: two bytes of size, then so many. */
  sized(): Buffer {
    return this.bytes(this.u16());
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new ProofFailed("bytes follow a TPM structure");
  }
}

/** TPM_ALG_ID of the hashes that are accepted. SHA-1 is none of them. */
export const tpmHashes: Readonly<Record<number, "sha256" | "sha384" | "sha512">> = { 0x000b: "sha256", 0x000c: "sha384", 0x000d: "sha512" };

export function hashNamed(algorithm: number): "sha256" | "sha384" | "sha512" {
  const name = tpmHashes[algorithm];
  if (name === undefined) throw new ProofFailed(`the TPM's hash 0x${algorithm.toString(16)} is not accepted`);
  return name;
}
