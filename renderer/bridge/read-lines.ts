/** A line that never ends would fill the memory: longer ones end the stream. Twice the control channel's frame. */
const maxLineLength = 8 * 1024 * 1024;

/** Text lines of a byte stream, wherever its chunks are cut. The last line counts only when it is complete. */
export async function* readLines(bytes: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = bytes.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > maxLineLength) throw new Error("a line of the stream is too long");
      yield* lines.filter((line) => line !== "");
    }
  } finally {
    await reader.cancel().catch(ignoreBrokenStream);
  }
}

/** The stream may be broken already; it is left behind in any case. */
function ignoreBrokenStream(): void {}
