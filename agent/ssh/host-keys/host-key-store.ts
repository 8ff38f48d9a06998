import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { AcceptedHostKey } from "../../contract/index.ts";
import { algorithmOf, knownHostName, parseKnownHosts } from "./known-hosts.ts";

/** `host` without brackets. */
export interface ServerName {
  readonly host: string;
  readonly port: number;
}

export interface HostKeyStoreOptions {
  /** The agent's own file: what the person has accepted. In OpenSSH's format, mode 0600. */
  readonly path: string;
  readonly write: (path: string, content: string) => Promise<void>;
}

/** What the person has accepted. One writer at a time: answers may come in together. */
export class HostKeyStore {
  readonly path: string;
  readonly #write: HostKeyStoreOptions["write"];
  #last: Promise<unknown> = Promise.resolve();

  constructor({ path, write }: HostKeyStoreOptions) {
    this.path = path;
    this.#write = write;
  }

  async list(): Promise<AcceptedHostKey[]> {
    return parseKnownHosts(await readText(this.path)).flatMap(({ names, algorithm, key }) =>
      algorithm === undefined || key === undefined ? [] : [{ address: addressOf(names), algorithm, fingerprint: fingerprintOf(key) }],
    );
  }

  /** `isNew` is asked when it is this answer's turn: another may have come before it. Whether the key was written down. */
  accept(server: ServerName, key: Buffer, isNew: () => Promise<boolean>): Promise<boolean> {
    return this.#inTurn(async () => {
      if (!(await isNew())) return false;
      const text = await readText(this.path);
      const end = text === "" || text.endsWith("\n") ? "" : "\n";
      await this.#write(this.path, `${text}${end}${knownHostName(server)} ${algorithmOf(key)} ${key.toString("base64")}\n`);
      return true;
    });
  }

  /** How many keys of `address` (`host:port`) were forgotten. */
  forget(address: string): Promise<number> {
    return this.#inTurn(async () => {
      const text = await readText(this.path);
      const gone = new Set(parseKnownHosts(text).flatMap(({ names, line }) => (addressOf(names) === address.toLowerCase() ? [line] : [])));
      const kept = text.split("\n").filter((_, index) => !gone.has(index + 1));
      if (gone.size > 0) await this.#write(this.path, kept.join("\n"));
      return gone.size;
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    this.#last = turn;
    turn.catch(() => undefined);
    return turn;
  }
}

/** As OpenSSH prints it. */
export function fingerprintOf(key: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** `host:port` as in the configuration, IPv6 in brackets. */
function addressOf(names: string): string {
  const [, host, port] = /^\[(.+)\]:(\d+)$/.exec(names) ?? [undefined, names, "22"];
  return host?.includes(":") === true ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A file that is not there says nothing. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw cause;
  }
}
