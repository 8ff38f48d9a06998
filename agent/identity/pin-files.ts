import { type FileHandle, open } from "node:fs/promises";
import { formatCause, type Logger } from "../base/index.ts";
import type { AskPin, PinQuestion } from "./person.ts";

export interface PinFilesOptions {
  /** Who is asked when no file answers. */
  readonly askPerson: AskPin;
  readonly logger: Logger;
}

/** Longer passwords of key files are not read; PINs are far shorter. */
const longestBytes = 4096;

/**
 * Answers from the files that the configuration names.
 *
 * INVARIANT: what stands in a file is tried once. When it was wrong it is not tried again before the file changes, or every connection
 * would cost a try until the token is locked; and the last try is the person's alone.
 */
export class PinFiles {
  readonly #options: PinFilesOptions;
  #paths: ReadonlyMap<string, string> = new Map();
  /** By identity: which version of its file answered last, and which was found to be wrong. */
  readonly #answered = new Map<string, string>();
  readonly #wrong = new Map<string, string>();

  constructor(options: PinFilesOptions) {
    this.#options = options;
  }

  /** Which file answers for which identity, from now on. */
  update(paths: ReadonlyMap<string, string>): void {
    this.#paths = paths;
  }

  readonly ask: AskPin = async (question) => {
    const { identity, why, tries } = question;
    const path = this.#paths.get(identity);
    const answered = this.#answered.get(identity);
    this.#answered.delete(identity);
    if (why === "wrong" && answered !== undefined) {
      this.#wrong.set(identity, answered);
      this.#options.logger.warn("the PIN in the file is wrong; it is not tried again until the file changes", { identity, file: path });
    }
    if (path === undefined || why === "wrong" || tries === "last") return this.#options.askPerson(question);
    return (await this.#read(question, path)) ?? this.#options.askPerson(question);
  };

  async #read({ identity }: PinQuestion, path: string): Promise<Uint8Array | undefined> {
    let file: FileHandle | undefined;
    try {
      file = await open(path);
      const { ino, size, mtimeMs, ctimeMs } = await file.stat();
      const version = [path, ino, size, mtimeMs, ctimeMs].join(" ");
      if (this.#wrong.get(identity) === version) return undefined;
      const pin = await readLine(file);
      if (pin.length === 0) return undefined;
      this.#answered.set(identity, version);
      return pin;
    } catch (cause) {
      this.#options.logger.warn("the file with the PIN cannot be read", { identity, file: path, cause: formatCause(cause) });
      return undefined;
    } finally {
      await file?.close();
    }
  }
}

/** SECURITY: read into the one buffer that its user overwrites; an ordinary read of a file leaves copies behind. */
async function readLine(file: FileHandle): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(longestBytes).fill(0);
  const { bytesRead } = await file.read(bytes, 0, longestBytes, 0);
  const end = bytes.subarray(0, bytesRead).findLastIndex((byte) => byte !== 0x0a && byte !== 0x0d) + 1;
  return bytes.subarray(0, end);
}
