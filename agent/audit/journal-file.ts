import { close, fdatasync, ftruncate, mkdir, open, write } from "node:fs";
import { promisify } from "node:util";
import { segmentPath } from "./journal-segment.ts";

/** Where the journal's bytes go. The real one is a segment on disk; tests have disks that fill up. */
export interface JournalFile {
  /** Put bytes at the end. Answers how many got there, and why not all. */
  append(bytes: Uint8Array): Promise<{ readonly written: number; readonly cause?: unknown }>;
  /** Cut to `size` bytes. */
  truncate(size: number): Promise<void>;
  /** To the medium itself. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Begins the segment whose first record is `first`; what a torn write left under that name is emptied. */
export type OpenJournalFile = (first: number) => Promise<JournalFile>;

export function journalFilesIn(dir: string): OpenJournalFile {
  return async (first) => {
    await promisify(mkdir)(dir, { recursive: true, mode: 0o700 });
    return new DiskFile(await promisify(open)(segmentPath(dir, first), "w", 0o600));
  };
}

/** Calls of `node:fs` with callbacks run in the thread pool: a slow disk delays records, never the event loop. */
class DiskFile implements JournalFile {
  readonly #fd: number;
  #size = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  append(bytes: Uint8Array): Promise<{ readonly written: number; readonly cause?: unknown }> {
    return new Promise((resolve) => this.#append(bytes, 0, resolve));
  }

  #append(bytes: Uint8Array, from: number, resolve: (result: { written: number; cause?: unknown }) => void): void {
    write(this.#fd, bytes, from, bytes.length - from, this.#size, (cause, count) => {
      if (cause !== null) return resolve({ written: from, cause });
      this.#size += count;
      const written = from + count;
      // A disk that fills up takes a part first and refuses the rest on the next try.
      if (written < bytes.length) this.#append(bytes, written, resolve);
      else resolve({ written });
    });
  }

  async truncate(size: number): Promise<void> {
    await promisify(ftruncate)(this.#fd, size);
    this.#size = size;
  }

  flush(): Promise<void> {
    return promisify(fdatasync)(this.#fd);
  }

  close(): Promise<void> {
    return promisify(close)(this.#fd);
  }
}
