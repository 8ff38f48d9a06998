/** One frame of the stream: its body, or why there is none. */
export type Frame = { readonly kind: "body"; readonly bytes: Uint8Array } | { readonly kind: "bad"; readonly why: string };

/** A header has two short lines; what goes on for longer is no header. */
const MAX_HEADER = 4096;
/** Twice the largest policy, as JSON may write every character twice. */
const MAX_BODY = 16 * 1024 * 1024;

const CONTENT_LENGTH = /content-length: *(\d{1,15})[ \t]*(?:\r\n|$)/i;

/**
 * Cuts a stream of bytes into frames (Language Server Protocol 3.17, "Base Protocol"). It takes any bytes in pieces of any size and keeps
 * at most one body. A header that cannot be read is told once; reading goes on at the next one that can.
 */
export class FrameReader {
  #held: Uint8Array = new Uint8Array();
  /** The body that is being read: what has come of it and how much is missing. */
  #body: { readonly parts: Uint8Array[] | undefined; missing: number } | undefined;
  #isLost = false;

  /** The frames that are whole with this piece. */
  read(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    let rest = this.#held.length === 0 ? chunk : joinBytes([this.#held, chunk]);
    for (;;) {
      const before = rest;
      rest = this.#body === undefined ? this.#readHeader(rest, frames) : this.#readBody(rest, frames);
      if (rest === before) break;
    }
    this.#held = rest;
    return frames;
  }

  #readHeader(bytes: Uint8Array, frames: Frame[]): Uint8Array {
    const end = findBlankLine(bytes.subarray(0, MAX_HEADER));
    if (end === undefined) {
      if (bytes.length < MAX_HEADER) return bytes;
      this.#tellLost(frames, `a header has at most ${MAX_HEADER} bytes`);
      return bytes.subarray(MAX_HEADER);
    }
    const length = CONTENT_LENGTH.exec(asciiOf(bytes.subarray(0, end - 2)))?.[1];
    if (length === undefined) this.#tellLost(frames, "a header without Content-Length");
    else this.#open(Number(length), frames);
    return bytes.subarray(end);
  }

  #open(length: number, frames: Frame[]): void {
    this.#isLost = false;
    // SECURITY: the length is the sender's word. What is too long is read past and never held.
    if (length > MAX_BODY) frames.push({ kind: "bad", why: `a message has at most ${MAX_BODY} bytes, this one has ${length}` });
    if (length === 0) frames.push({ kind: "body", bytes: new Uint8Array() });
    else this.#body = { parts: length > MAX_BODY ? undefined : [], missing: length };
  }

  #readBody(bytes: Uint8Array, frames: Frame[]): Uint8Array {
    const body = this.#body;
    if (body === undefined || bytes.length === 0) return bytes;
    const part = bytes.subarray(0, body.missing);
    body.parts?.push(part);
    body.missing -= part.length;
    if (body.missing === 0) {
      if (body.parts !== undefined) frames.push({ kind: "body", bytes: joinBytes(body.parts) });
      this.#body = undefined;
    }
    return bytes.subarray(part.length);
  }

  #tellLost(frames: Frame[], why: string): void {
    if (!this.#isLost) frames.push({ kind: "bad", why });
    this.#isLost = true;
  }
}

/** Where the bytes after the first empty line begin. */
function findBlankLine(bytes: Uint8Array): number | undefined {
  for (let at = bytes.indexOf(13); at >= 0; at = bytes.indexOf(13, at + 1)) {
    if (bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10) return at + 4;
  }
  return undefined;
}

function asciiOf(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
