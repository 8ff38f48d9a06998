/** Cuts a stream of bytes into lines of UTF-8, however it comes in pieces. */
export interface LineReader {
  /** The lines that this piece completes. Throws when a line is over the bound or not UTF-8. */
  read(piece: Uint8Array): string[];
}

const newline = 0x0a;

/** A long line costs what it weighs: each byte is looked at once, however many pieces it comes in. */
export function createLineReader(maxBytes: number): LineReader {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let begun: Uint8Array[] = [];
  let length = 0;

  function keep(part: Uint8Array): void {
    length += part.length;
    if (length > maxBytes) throw new RangeError(`a message is longer than ${maxBytes} bytes`);
    if (part.length > 0) begun.push(part);
  }

  function take(): string {
    const line = decoder.decode(Buffer.concat(begun, length));
    begun = [];
    length = 0;
    return line;
  }

  return {
    read: (piece) => {
      const lines: string[] = [];
      let start = 0;
      for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, start)) {
        keep(piece.subarray(start, end));
        lines.push(take());
        start = end + 1;
      }
      keep(piece.subarray(start));
      return lines;
    },
  };
}
