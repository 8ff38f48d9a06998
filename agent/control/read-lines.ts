import { AgentError } from "../base/index.ts";

const newline = 0x0a;
const firstBytes = 1024;
const keptBytes = 64 * 1024;

/**
 * Cut a byte stream into lines of UTF-8. The next chunk is read only when the lines of the last one were taken, so a caller that
 * does not keep up holds its peer back. A rest without its newline is dropped when the stream ends: half a message is none.
 * Throws `CONTROL_BAD_CALL` for a line over the bound (asked for at each line) and for bytes that are not UTF-8.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, maxBytes: () => number): AsyncGenerator<string, void> {
  const begun = new BegunLine();
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      begun.add(chunk.subarray(start, end), maxBytes());
      yield decodeLine(begun.take());
      start = end + 1;
    }
    begun.add(chunk.subarray(start), maxBytes());
  }
}

/** A line of which not all has come. It grows by doubling, so that one byte at a time costs no more than all at once. */
class BegunLine {
  #bytes = new Uint8Array(firstBytes);
  #length = 0;

  add(part: Uint8Array, maxBytes: number): void {
    const length = this.#length + part.length;
    if (length > maxBytes) throw new AgentError("CONTROL_BAD_CALL", `a message is longer than ${maxBytes} bytes`);
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(part, this.#length);
    this.#length = length;
  }

  /** The line, valid until the next `add`. */
  take(): Uint8Array {
    const line = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    // One long line must not hold its room for as long as the peer stays.
    if (this.#bytes.length > keptBytes) this.#bytes = new Uint8Array(firstBytes);
    return line;
  }
}

function decodeLine(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new AgentError("CONTROL_BAD_CALL", "a message is not UTF-8", { cause });
  }
}
