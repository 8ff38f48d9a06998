import { existsSync, mkdirSync, renameSync } from "node:fs";
import { basename, join } from "node:path";
import { formatInstant } from "../base/index.ts";
import { listSegments } from "./journal-segment.ts";
import { storePath } from "./store.ts";

/** Move files out of the record's way, into a directory named after the time: damage is evidence and is never deleted. */
export function setAside(dir: string, paths: readonly string[], now: number): string {
  const stamp = formatInstant(now).replaceAll(/[:.]/g, "-");
  let target = join(dir, `set-aside-${stamp}`);
  for (let count = 2; existsSync(target); count += 1) target = join(dir, `set-aside-${stamp}-${count}`);
  mkdirSync(target, { mode: 0o700 });
  for (const path of paths) {
    if (existsSync(path)) renameSync(path, join(target, basename(path)));
  }
  return target;
}

/** The store with its companions. */
export function storeFiles(dir: string): readonly string[] {
  return ["", "-wal", "-shm"].map((suffix) => storePath(dir) + suffix);
}

/** The segment at `path` and all that come after it. */
export function segmentsFrom(dir: string, path: string): readonly string[] {
  const segments = listSegments(dir).map((segment) => segment.path);
  return segments.slice(Math.max(0, segments.indexOf(path)));
}

/** Whether a file was simply not there. */
export function isGone(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}
