import { type Clock, formatCause, type Logger } from "../base/index.ts";
import type { PacSource, Snapshot } from "../config/index.ts";
import { composePacScript } from "../dial/index.ts";
import { Sandbox } from "../sandbox/index.ts";
import { fetchText } from "./fetch-text.ts";

interface PacRooms {
  readonly clock: Clock;
  readonly logger: Logger;
}

const FETCH_MS = 10_000;
const MAX_BYTES = 1024 * 1024;
/** A server that failed is asked again after this. */
const AGAIN_MS = 60_000;

/** The PAC files of all backends. They outlive a snapshot as long as it names them in the same words. */
export class PacFiles {
  readonly #rooms: PacRooms;
  readonly #files = new Map<string, PacFile>();

  constructor(rooms: PacRooms) {
    this.#rooms = rooms;
  }

  /** The file as a snapshot names it. Nothing is read or started before somebody asks it. */
  fileOf(backend: string, source: PacSource, pem: Snapshot["pem"]): PacFile {
    const key = keyOf(backend, source, pem);
    const known = this.#files.get(key) ?? new PacFile(source, pem, this.#rooms);
    this.#files.set(key, known);
    return known;
  }

  /** End those that a snapshot no longer names. */
  follow({ config, pem }: Snapshot): void {
    const wanted = new Set(config.backends.flatMap(({ name, pac }) => (pac === undefined ? [] : [keyOf(name, pac, pem)])));
    for (const [key, file] of this.#files) {
      if (wanted.has(key)) continue;
      file.retire();
      this.#files.delete(key);
    }
  }

  close(): void {
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
  }
}

function keyOf(backend: string, source: PacSource, pem: Snapshot["pem"]): string {
  return JSON.stringify([backend, source, source.kind === "file" ? pem.get(source.path) : source.ca?.map((one) => pem.get(one))]);
}

/** One PAC file and the sandbox that it runs in. */
export class PacFile {
  readonly #source: PacSource;
  readonly #pem: Snapshot["pem"];
  readonly #rooms: PacRooms;
  #sandbox: { readonly text: string; readonly sandbox: Sandbox } | undefined;
  #freshUntil = Number.NEGATIVE_INFINITY;
  #fetching: Promise<void> | undefined;

  constructor(source: PacSource, pem: Snapshot["pem"], rooms: PacRooms) {
    this.#source = source;
    this.#pem = pem;
    this.#rooms = rooms;
  }

  /** Rejects when the file cannot be had, or gives no answer. */
  async ask(input: readonly unknown[]): Promise<unknown> {
    await this.#refresh();
    if (this.#sandbox === undefined) throw new Error("cannot be read");
    return this.#sandbox.sandbox.ask(input);
  }

  retire(): void {
    this.#sandbox?.sandbox.retire();
  }

  close(): void {
    this.#sandbox?.sandbox.close();
  }

  /** Looks after the file when somebody uses it, never by itself. While a newer one is fetched the older answers. */
  async #refresh(): Promise<void> {
    const { clock } = this.#rooms;
    if (this.#source.kind === "file") return this.#use(this.#pem.get(this.#source.path) ?? "");
    if (clock.monotonic() < this.#freshUntil) return undefined;
    this.#fetching ??= this.#fetch(this.#source).finally(() => {
      this.#fetching = undefined;
    });
    if (this.#sandbox === undefined) return this.#fetching;
    this.#fetching.catch((cause: unknown) => this.#rooms.logger.warn("a PAC file cannot be renewed", { cause: formatCause(cause) }));
    return undefined;
  }

  async #fetch({ url, ca, refreshMs }: Extract<PacSource, { readonly kind: "url" }>): Promise<void> {
    const { clock } = this.#rooms;
    this.#freshUntil = clock.monotonic() + (this.#sandbox === undefined ? 0 : AGAIN_MS);
    const trusted = ca?.map((one) => this.#pem.get(one) ?? "");
    this.#use(await fetchText(url, { ca: trusted, timeoutMs: FETCH_MS, maxBytes: MAX_BYTES }));
    this.#freshUntil = clock.monotonic() + refreshMs;
  }

  #use(text: string): void {
    if (this.#sandbox?.text === text) return;
    this.#sandbox?.sandbox.retire();
    const name = this.#source.kind === "file" ? this.#source.path : this.#source.url;
    this.#sandbox = { text, sandbox: new Sandbox({ name, kind: "script", text: composePacScript(text), ...this.#rooms }) };
  }
}
