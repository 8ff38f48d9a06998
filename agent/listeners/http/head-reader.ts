import { type BadHead, maxHeadBytes } from "./head.ts";

export type HeadStep =
  | { readonly kind: "more" }
  /** `text` is the whole head with its empty line, Latin-1; `rest` what came behind it; `bytes` how many were taken in all. */
  | { readonly kind: "head"; readonly text: string; readonly rest: Buffer; readonly bytes: number }
  | BadHead;

const CR = 0x0d;
const LF = 0x0a;
const MORE: HeadStep = { kind: "more" };

/**
 * Collects the head of an HTTP/1 message from pieces cut anywhere, looking at each byte once. A bare LF is refused as soon as it is
 * seen, not when the deadline strikes. One empty line in front is skipped (RFC 9112 section 2.2).
 */
export class HeadReader {
  #pieces: Buffer[] = [];
  #bytes = 0;
  #lineBytes = 0;
  #last = 0;
  #skipped = 0;

  /** True while no byte of a head has come; an empty line in front does not count. */
  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  /** Not to be called again after a `head` or a `bad`. */
  push(chunk: Buffer): HeadStep {
    let bytes = chunk;
    for (let at = 0; at < bytes.length; ) {
      const lf = bytes.indexOf(LF, at);
      if (lf < 0) {
        this.#lineBytes += bytes.length - at;
        break;
      }
      const before = lf === 0 ? this.#last : bytes[lf - 1];
      if (before !== CR) return { kind: "bad", code: "HTTP_BAD_REQUEST", detail: `byte ${this.#bytes + lf}: a bare LF` };
      const lineBytes = this.#lineBytes + lf + 1 - at;
      this.#lineBytes = 0;
      at = lf + 1;
      if (lineBytes > 2) continue;
      if (this.#bytes + at > 2 || this.#skipped > 0) return this.#finish(bytes, at);
      this.#pieces = [];
      this.#bytes = 0;
      this.#last = 0;
      this.#skipped = 2;
      bytes = bytes.subarray(at);
      at = 0;
    }
    return this.#keep(bytes);
  }

  #keep(bytes: Buffer): HeadStep {
    if (bytes.length === 0) return MORE;
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    this.#last = bytes[bytes.length - 1] ?? 0;
    return this.#bytes > maxHeadBytes ? tooLarge() : MORE;
  }

  #finish(bytes: Buffer, end: number): HeadStep {
    const total = this.#bytes + end;
    if (total > maxHeadBytes) return tooLarge();
    const text =
      this.#pieces.length === 0
        ? bytes.toString("latin1", 0, end)
        : Buffer.concat([...this.#pieces, bytes.subarray(0, end)]).toString("latin1");
    return { kind: "head", text, rest: bytes.subarray(end), bytes: total + this.#skipped };
  }
}

function tooLarge(): BadHead {
  return { kind: "bad", code: "HTTP_HEAD_TOO_LARGE", detail: `the head is longer than ${maxHeadBytes} bytes` };
}
