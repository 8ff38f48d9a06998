/** Keeps the last lines of a stream of text, however it is cut into chunks. */
export function createLastLines(max: number): { add(chunk: string): void; lines(): readonly string[] } {
  const kept: string[] = [];
  let rest = "";
  const keep = (line: string) => {
    kept.push(line.slice(0, 2000));
    if (kept.length > max) kept.shift();
  };
  return {
    add(chunk) {
      const pieces = (rest + chunk).split("\n");
      rest = (pieces.pop() ?? "").slice(0, 10_000);
      for (const piece of pieces) keep(piece);
    },
    lines: () => (rest === "" ? kept.slice() : [...kept, rest]),
  };
}
