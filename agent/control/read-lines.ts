import { AgentError } from "../base/index.ts";

const newline = 0x0a;

/**
 * Cut a byte stream into lines of UTF-8. The next chunk is read only when the lines of the last one were taken, so a caller that
 * does not keep up holds its peer back. A rest without its newline is dropped when the stream ends: half a message is none.
 * Throws `CONTROL_BAD_CALL` for a line over the bound (asked for at each chunk) and for bytes that are not UTF-8.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, maxBytes: () => number): AsyncGenerator<string, void> {
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      assertFits(begunBytes + end - start, maxBytes());
      begun.push(chunk.subarray(start, end));
      yield decodeLine(begun);
      begun = [];
      begunBytes = 0;
      start = end + 1;
    }
    begunBytes += chunk.length - start;
    assertFits(begunBytes, maxBytes());
    if (start < chunk.length) begun.push(chunk.subarray(start));
  }
}

function assertFits(bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) throw new AgentError("CONTROL_BAD_CALL", `a message is longer than ${maxBytes} bytes`);
}

function decodeLine(parts: readonly Uint8Array[]): string {
  const bytes = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new AgentError("CONTROL_BAD_CALL", "a message is not UTF-8", { cause });
  }
}
