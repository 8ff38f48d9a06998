import { type BadHead, type Field, parseTrailers } from "./head.ts";

/** What a piece of a chunked body turned out to be. */
export type ChunkEvent =
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  | { readonly kind: "end"; readonly trailers: readonly Field[] }
  | BadHead;

const maxSizeLineBytes = 4096;
const maxTrailerBytes = 16 * 1024;
/** Thirteen hexadecimal digits stay below 2^53: the size is exact. */
const SIZE_LINE = /^([0-9A-Fa-f]{1,13})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/;

const CR = 0x0d;
const LF = 0x0a;

/**
 * Reads `Transfer-Encoding: chunked` (RFC 9112 section 7.1) from pieces cut anywhere. Extensions are read and dropped; bare LF, a
 * missing CRLF behind the data, signs and `0x` are refused. After `end` or `bad` it must not be fed again.
 */
export class ChunkReader {
  #state: "size" | "data" | "data-end" | "trailers" = "size";
  #left = 0;
  /** The bytes of an unfinished line: size line, the CRLF behind the data, or the trailer section. */
  #line = "";

  /**
   * Take one step at `bytes[from]` on. `next` is where the following step begins; without an event all bytes were taken.
   * Data is a view of `bytes`, not a copy.
   */
  step(bytes: Uint8Array, from: number): { readonly event: ChunkEvent | undefined; readonly next: number } {
    let at = from;
    while (at < bytes.length) {
      if (this.#state === "data") {
        const end = Math.min(bytes.length, at + this.#left);
        this.#left -= end - at;
        if (this.#left === 0) this.#state = "data-end";
        return { event: { kind: "data", bytes: bytes.subarray(at, end) }, next: end };
      }
      const lineEnd = bytes.indexOf(LF, at);
      const stop = lineEnd < 0 ? bytes.length : lineEnd + 1;
      this.#line += latin1(bytes.subarray(at, Math.min(stop, at + maxTrailerBytes + 1)));
      at = stop;
      const event = this.#readLine();
      if (event !== undefined) return { event, next: at };
    }
    return { event: undefined, next: at };
  }

  #readLine(): ChunkEvent | undefined {
    const line = this.#line;
    if (line.length > (this.#state === "trailers" ? maxTrailerBytes : maxSizeLineBytes)) return bad("too long");
    if (line.charCodeAt(line.length - 1) !== LF) return undefined;
    if (line.charCodeAt(line.length - 2) !== CR) return bad("a bare LF");
    if (this.#state === "size") return this.#readSize(line.slice(0, -2));
    if (this.#state === "data-end") {
      if (line !== "\r\n") return bad("bytes behind the data");
      this.#line = "";
      this.#state = "size";
      return undefined;
    }
    return this.#readTrailers(line);
  }

  #readSize(line: string): BadHead | undefined {
    const digits = SIZE_LINE.exec(line)?.[1];
    if (digits === undefined) return bad("the size is not a hexadecimal number");
    this.#line = "";
    this.#left = Number.parseInt(digits, 16);
    this.#state = this.#left === 0 ? "trailers" : "data";
    return undefined;
  }

  #readTrailers(line: string): ChunkEvent | undefined {
    if (line !== "\r\n" && !line.endsWith("\r\n\r\n")) return undefined;
    const trailers = parseTrailers(line);
    return "kind" in trailers ? trailers : { kind: "end", trailers };
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

function bad(detail: string): BadHead {
  return { kind: "bad", code: "HTTP_BAD_REQUEST", detail: `in a chunk: ${detail}` };
}
