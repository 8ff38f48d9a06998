import { open, readdir, readFile, stat } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readAuthorities } from "./authorities.ts";
import type { FileAccess } from "./secret-references.ts";

/** The only I/O of this room, as an argument. */
export interface ConfigFiles {
  /** The bytes of a file, at most one more than `maxBytes`; rejects when it cannot be read. */
  read(path: string, maxBytes: number): Promise<Uint8Array>;
  /** Names of the files in a directory, in order; `undefined` when the path is no directory. */
  list(path: string): Promise<readonly string[] | undefined>;
  /** The certificates behind a word such as `system`, PEM; rejects with a sentence that goes on after the word. */
  authorities(word: string): Promise<readonly string[]>;
  /** Who may read a file; `undefined` when there is none. */
  accessOf(path: string): Promise<FileAccess | undefined>;
  /** The content of one of the policy's large sets, in `sets/` beside the policy, named by its hash. */
  readSet(policyPath: string, reference: string): Uint8Array | undefined;
}

export const systemFiles: ConfigFiles = {
  async read(path, maxBytes) {
    const file = await open(path, "r");
    try {
      const { size } = await file.stat();
      if (size > maxBytes) return (await file.read(Buffer.alloc(maxBytes + 1), 0, maxBytes + 1, 0)).buffer;
      return await readFile(file);
    } finally {
      await file.close();
    }
  },
  async list(path) {
    if (!(await stat(path)).isDirectory()) return undefined;
    return (await readdir(path)).toSorted();
  },
  authorities: readAuthorities,
  async accessOf(path) {
    try {
      const { mode, uid } = await stat(path);
      // Windows has no such bits; its access lists are the business of the installer.
      return process.platform === "win32" ? { mode: 0o600, uid } : { mode, uid };
    } catch {
      return undefined;
    }
  },
  readSet(policyPath, reference) {
    const [, hex] = /^sha256:([0-9a-f]{64})$/.exec(reference) ?? [];
    if (hex === undefined) return undefined;
    try {
      return readFileSync(join(dirname(policyPath), "sets", hex));
    } catch {
      return undefined;
    }
  },
};
