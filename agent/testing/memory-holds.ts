import fs from "node:fs";

/** Whether `text`, or these bytes, stand anywhere in the writable memory of a process. */
export function memoryHolds(pid: number, text: string | Buffer): boolean {
  const wanted = typeof text === "string" ? Buffer.from(text) : text;
  const memory = fs.openSync(`/proc/${pid}/mem`, "r");
  try {
    return writableRanges(pid).some(([from, to]) => rangeHolds(memory, wanted, [from, to]));
  } finally {
    fs.closeSync(memory);
  }
}

function writableRanges(pid: number): (readonly [number, number])[] {
  const lines = fs.readFileSync(`/proc/${pid}/maps`, "utf8").split("\n");
  return lines.flatMap((line) => {
    const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
    return from === undefined || to === undefined ? [] : [[Number.parseInt(from, 16), Number.parseInt(to, 16)] as const];
  });
}

function rangeHolds(memory: number, wanted: Buffer, [from, to]: readonly [number, number]): boolean {
  const chunk = Buffer.alloc(1 << 20);
  // Each reading begins a little before the end of the last.
  for (let at = from; at < to; at += chunk.length - wanted.length) {
    try {
      const count = fs.readSync(memory, chunk, 0, Math.min(chunk.length, to - at), at);
      if (chunk.subarray(0, count).includes(wanted)) return true;
    } catch {
      // Not readable, such as a guard page.
    }
  }
  return false;
}
