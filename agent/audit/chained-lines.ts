import { linkHash } from "./chain.ts";
import type { Draft } from "./draft.ts";

/** The last record of a chain. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

export interface ChainedLines {
  readonly bytes: Uint8Array;
  /** Where each line ends, in bytes. */
  readonly ends: readonly number[];
  readonly heads: readonly ChainHead[];
}

/** Give each draft its place after `head`, and write it as `hash SP canonical LF`; JSON has no raw line feed inside. */
export function chainLines(head: ChainHead, drafts: readonly Draft[]): ChainedLines {
  const heads: ChainHead[] = [];
  const ends: number[] = [];
  let text = "";
  let end = 0;
  let { seq, hash } = head;
  for (const draft of drafts) {
    seq += 1;
    draft.seq = seq;
    const canonical = JSON.stringify(draft);
    hash = linkHash(hash, canonical);
    heads.push({ seq, hash });
    text += `${hash} ${canonical}\n`;
    end += hash.length + 2 + Buffer.byteLength(canonical);
    ends.push(end);
  }
  return { bytes: Buffer.from(text), ends, heads };
}

/** How many of the lines are whole within the first `written` bytes. */
export function countWhole(lines: ChainedLines, written: number): number {
  const torn = lines.ends.findIndex((end) => end > written);
  return torn === -1 ? lines.ends.length : torn;
}
