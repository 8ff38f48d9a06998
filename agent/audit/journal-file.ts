import { close, fdatasync, ftruncate, mkdir, open, write, writeSync } from "node:fs";
import { promisify } from "node:util";
import type { Clock } from "../base/index.ts";
import { segmentPath } from "./journal-segment.ts";

/** How many bytes got to the file, and why not all. */
export interface Appended {
  readonly written: number;
  readonly cause?: unknown;
}

/** Where the journal's bytes go. The real one is a segment on disk; tests have disks that fill up. */
export interface JournalFile {
  /** Put bytes at the end; answers at once when the disk does. */
  append(bytes: Uint8Array): Appended | Promise<Appended>;
  /** Cut to `size` bytes. */
  truncate(size: number): Promise<void>;
  /** To the medium itself. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Begins the segment whose first record is `first`; what a torn write left under that name is emptied. */
export type OpenJournalFile = (first: number) => Promise<JournalFile>;

export function journalFilesIn(dir: string, clock: Clock): OpenJournalFile {
  const pace = new Pace(clock);
  return async (first) => {
    await promisify(mkdir)(dir, { recursive: true, mode: 0o700 });
    return new DiskFile(await promisify(open)(segmentPath(dir, first), "w", 0o600), pace);
  };
}

/** A write that took this long was not a copy into memory: the kernel made us wait for the disk. */
const SLOW_MS = 3;
const PATIENCE_MS = 10_000;

/** Knows whether the disk keeps writers waiting these days. */
class Pace {
  readonly #clock: Clock;
  #slowUntil = Number.NEGATIVE_INFINITY;
  /** Flushes under way; a write beside one may have to wait for it. */
  flushing = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isSlow(): boolean {
    return this.flushing > 0 || this.#clock.monotonic() < this.#slowUntil;
  }

  measure(write: () => Appended): Appended {
    const from = this.#clock.monotonic();
    const result = write();
    const now = this.#clock.monotonic();
    if (now - from > SLOW_MS) this.#slowUntil = now + PATIENCE_MS;
    return result;
  }
}

/**
 * An appending write is a copy into the kernel's memory: some microseconds, a tenth of what handing it to the thread pool costs in
 * time and in processor (docs/decisions/audit-journal.md). When the disk is so busy that the kernel makes writers wait, the thread
 * pool waits instead, so that a slow disk delays records but not the event loop.
 */
class DiskFile implements JournalFile {
  readonly #fd: number;
  readonly #pace: Pace;
  #size = 0;

  constructor(fd: number, pace: Pace) {
    this.#fd = fd;
    this.#pace = pace;
  }

  append(bytes: Uint8Array): Appended | Promise<Appended> {
    if (this.#pace.isSlow) return new Promise((resolve) => this.#appendInPool(bytes, 0, resolve));
    return this.#pace.measure(() => this.#appendNow(bytes));
  }

  #appendNow(bytes: Uint8Array): Appended {
    let written = 0;
    try {
      // A disk that fills up takes a part first and refuses the rest on the next try.
      while (written < bytes.length) {
        const count = writeSync(this.#fd, bytes, written, bytes.length - written, this.#size);
        written += count;
        this.#size += count;
      }
      return { written };
    } catch (cause) {
      return { written, cause };
    }
  }

  #appendInPool(bytes: Uint8Array, from: number, resolve: (result: Appended) => void): void {
    write(this.#fd, bytes, from, bytes.length - from, this.#size, (cause, count) => {
      if (cause !== null) return resolve({ written: from, cause });
      this.#size += count;
      const written = from + count;
      if (written < bytes.length) this.#appendInPool(bytes, written, resolve);
      else resolve({ written });
    });
  }

  async truncate(size: number): Promise<void> {
    await promisify(ftruncate)(this.#fd, size);
    this.#size = size;
  }

  async flush(): Promise<void> {
    this.#pace.flushing += 1;
    try {
      await promisify(fdatasync)(this.#fd);
    } finally {
      this.#pace.flushing -= 1;
    }
  }

  close(): Promise<void> {
    return promisify(close)(this.#fd);
  }
}
