import { readdirSync } from "node:fs";
import { join } from "node:path";

/** One file of the journal. Its name tells the sequence number of its first record. */
export interface JournalSegment {
  readonly path: string;
  readonly first: number;
}

export function segmentPath(dir: string, first: number): string {
  return join(dir, `journal-${String(first).padStart(16, "0")}.log`);
}

/** All segments, in the order of the chain. */
export function listSegments(dir: string): readonly JournalSegment[] {
  const segments: JournalSegment[] = [];
  for (const name of readdirSync(dir)) {
    const first = /^journal-(\d{16})\.log$/.exec(name)?.[1];
    if (first !== undefined) segments.push({ path: join(dir, name), first: Number(first) });
  }
  return segments.toSorted((a, b) => a.first - b.first);
}
