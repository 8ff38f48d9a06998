import type { Cancel, Clock } from "../base/index.ts";
import { type PolicyFiles, PolicyView } from "./policy-view.ts";
import type { Range } from "./protocol.ts";
import { applyChanges } from "./text-lines.ts";

interface OpenDocument {
  view: PolicyView;
  version: number | undefined;
  /** Somebody ran its tests: their results follow the text from then on. */
  withTests: boolean;
  pending: Cancel | undefined;
}

export interface DocumentsOptions {
  readonly clock: Clock;
  readonly files: PolicyFiles;
  /** A document's text was checked, or it is gone. */
  readonly onChecked: (uri: string) => void;
}

/** Typing pauses for that long before a text is checked; long texts wait longer, so that a key never waits for a check. */
const PAUSE_MS = 80;
const LONG_PAUSE_MS = 500;
const LONG_TEXT = 200_000;

/** More documents than this are not kept: an editor that never closes any would fill the memory. */
const MAX_DOCUMENTS = 500;

/** The texts that the editor has open, and when each is checked. */
export class Documents {
  readonly #options: DocumentsOptions;
  readonly #open = new Map<string, OpenDocument>();

  constructor(options: DocumentsOptions) {
    this.#options = options;
  }

  get(uri: string): Readonly<Pick<OpenDocument, "view" | "version" | "withTests">> | undefined {
    return this.#open.get(uri);
  }

  open(uri: string, text: string, version: number): void {
    if (this.#open.size >= MAX_DOCUMENTS && !this.#open.has(uri)) return;
    this.#open.get(uri)?.pending?.();
    const view = new PolicyView(uri, text, this.#options.files);
    this.#open.set(uri, { view, version, withTests: false, pending: undefined });
    this.#options.onChecked(uri);
  }

  change(
    uri: string,
    changes: readonly { readonly range?: Range | undefined; readonly text: string }[],
    version: number | undefined,
  ): void {
    const document = this.#open.get(uri);
    if (document === undefined) return;
    const text = applyChanges(document.view.text, changes);
    document.view = new PolicyView(uri, text, this.#options.files);
    document.version = version;
    document.pending?.();
    const pause = text.length > LONG_TEXT ? LONG_PAUSE_MS : PAUSE_MS;
    document.pending = this.#options.clock.after(pause, () => this.#check(uri));
  }

  /** The file was written: it is checked at once, and so are its sets, which may have changed on disk. */
  save(uri: string): void {
    const document = this.#open.get(uri);
    if (document === undefined) return;
    document.view = new PolicyView(uri, document.view.text, this.#options.files);
    this.#check(uri);
  }

  runTests(uri: string): void {
    const document = this.#open.get(uri);
    if (document === undefined) return;
    document.withTests = true;
    this.#check(uri);
  }

  close(uri: string): void {
    this.#open.get(uri)?.pending?.();
    if (this.#open.delete(uri)) this.#options.onChecked(uri);
  }

  closeAll(): void {
    for (const { pending } of this.#open.values()) pending?.();
    this.#open.clear();
  }

  #check(uri: string): void {
    const document = this.#open.get(uri);
    if (document === undefined) return;
    document.pending?.();
    document.pending = undefined;
    this.#options.onChecked(uri);
  }
}
