import { AgentError, type Clock, formatCause } from "../base/index.ts";
import { type ChainedLines, type ChainHead, chainLines, countWhole } from "./chained-lines.ts";
import type { Draft } from "./draft.ts";
import type { JournalFile, OpenJournalFile } from "./journal-file.ts";

export interface JournalOptions {
  readonly clock: Clock;
  readonly openFile: OpenJournalFile;
  readonly sync: "process" | "full";
  /** A new file is begun after this many bytes. */
  readonly segmentBytes: number;
  /** Called when a segment is complete and another one has begun. */
  readonly onSegment: () => void;
  /** Called when writing fails, and with undefined when it works again. */
  readonly onTrouble: (cause: unknown) => void;
}

interface Waiting {
  readonly draft: Draft;
  readonly urgent: boolean;
  readonly resolve: () => void;
  /** Undefined once it was told: a record that is kept for a later attempt is refused only once. */
  reject: ((cause: unknown) => void) | undefined;
}

/** Ends and events wait this long for a verdict to share a write with. */
const RELAXED_MS = 20;
/** What a power loss can cost, beyond what the disk itself promises, unless `sync` is `full`. */
const FLUSH_MS = 5_000;
const RETRY_MS = 1_000;
/** Bounds the time for which one batch keeps the event loop. */
const MAX_BATCH = 256;
/** Ends and events that wait for a disk that refuses; beyond it the newest are given up. */
const MAX_KEPT = 20_000;

/**
 * Chains records and appends them to a file, many with one write: whatever arrives in one turn of the event loop, or while a write
 * is under way, shares the next one, so that a lone connection waits for one write only.
 *
 * INVARIANT: a complete line in the file is never taken back, since others may have read it. When a write fails half-way, the
 * complete lines count as written and only the torn rest is cut off (journal.test.ts, "a disk that fills up half-way …").
 */
export class Journal {
  readonly #options: JournalOptions;
  #file: JournalFile | undefined;
  #head: ChainHead | undefined;
  #size = 0;
  #turnAt: number;
  #queue: Waiting[] = [];
  #busy = false;
  #soon = false;
  #closing = false;
  #torn = false;
  #troubled = false;
  #unopened: AgentError | undefined;
  #timerSet = false;
  #flushSet = false;
  #idle: (() => void)[] = [];

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#turnAt = options.segmentBytes;
  }

  /** The last record that was written; undefined before {@link begin}. */
  get head(): ChainHead | undefined {
    return this.#head;
  }

  /** Go on after `head`, in a new segment. What was appended before waits for this. */
  async begin(head: ChainHead): Promise<void> {
    this.#file = await this.#options.openFile(head.seq + 1);
    this.#size = 0;
    this.#turnAt = this.#options.segmentBytes;
    this.#torn = false;
    this.#head = head;
    this.#unopened = undefined;
    this.#write();
  }

  /** There is no file to write to for now: refuse what waits and what comes, until {@link begin}. */
  refuse(cause: unknown): void {
    this.#unopened = unavailable(cause);
    this.#giveUp(this.#queue.splice(0), this.#unopened);
  }

  /** Let go of the file and go on, in a new segment, after the record that `find` names. What is appended meanwhile waits. */
  async resume(find: () => Promise<ChainHead>): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    if (this.#busy) await new Promise<void>((resolve) => this.#idle.push(resolve));
    await file?.close();
    try {
      await this.begin(await find());
    } catch (cause) {
      this.refuse(cause);
      this.#trouble(cause);
      throw cause;
    }
  }

  /** Resolves when the record is in the file. Urgent ones are written at once; others, when refused, are written as soon as possible. */
  append(draft: Draft, urgent: boolean): Promise<void> {
    if (this.#closing) return Promise.reject(new AgentError("RECORD_UNAVAILABLE", "the record is closed"));
    if (urgent && this.#unopened !== undefined) return Promise.reject(this.#unopened);
    return new Promise((resolve, reject) => {
      this.#queue.push({ draft, urgent, resolve, reject });
      if (urgent) this.#writeSoon();
      else this.#writeAfter(this.#troubled ? RETRY_MS : RELAXED_MS);
    });
  }

  /** Write what waits and let go of the file. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#write();
    if (this.#busy) await new Promise<void>((resolve) => this.#idle.push(resolve));
    this.#giveUp(this.#queue.splice(0), new AgentError("RECORD_UNAVAILABLE", "the record is closed"));
    const file = this.#file;
    this.#file = undefined;
    await file?.flush().catch(this.#options.onTrouble);
    await file?.close();
  }

  /** At the end of this turn of the event loop, together with all that came in the same turn. */
  #writeSoon(): void {
    if (this.#soon || this.#busy) return;
    this.#soon = true;
    setImmediate(() => {
      this.#soon = false;
      this.#write();
    });
  }

  #writeAfter(ms: number): void {
    if (this.#timerSet || this.#busy) return;
    this.#timerSet = true;
    this.#options.clock.after(ms, () => {
      this.#timerSet = false;
      this.#write();
    });
  }

  #write(): void {
    if (this.#busy || this.#file === undefined || this.#head === undefined || this.#queue.length === 0) return;
    this.#busy = true;
    const batch = this.#queue.splice(0, MAX_BATCH);
    void this.#writeBatch(this.#file, this.#head, batch).then(() => this.#afterWrite());
  }

  #afterWrite(): void {
    this.#busy = false;
    if (!this.#troubled) this.#write();
    else if (this.#queue.length > 0 && !this.#closing) this.#writeAfter(RETRY_MS);
    if (this.#busy) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #writeBatch(file: JournalFile, head: ChainHead, batch: readonly Waiting[]): Promise<void> {
    let whole = 0;
    try {
      if (this.#torn) await file.truncate(this.#size);
      const lines = chainLines(
        head,
        batch.map((one) => one.draft),
      );
      const { written, cause } = await file.append(lines.bytes);
      whole = this.#advance(lines, written);
      if (this.#options.sync === "full" && whole > 0) await file.flush();
      for (const one of batch.slice(0, whole)) one.resolve();
      if (whole < batch.length) return this.#fail(batch.slice(whole), cause);
    } catch (cause) {
      // What is in the file but perhaps not on the medium is refused, and must not be written a second time.
      for (const one of batch.slice(0, whole)) one.reject?.(unavailable(cause));
      return this.#fail(batch.slice(whole), cause);
    }
    this.#succeed();
    if (this.#size >= this.#turnAt) await this.#turnPage(file);
  }

  /** Take note of what reached the file; answers how many records did so whole. */
  #advance(lines: ChainedLines, written: number): number {
    const whole = countWhole(lines, written);
    const bytes = lines.ends[whole - 1] ?? 0;
    this.#torn = bytes < written;
    this.#size += bytes;
    this.#head = lines.heads[whole - 1] ?? this.#head;
    return whole;
  }

  #succeed(): void {
    if (this.#troubled) {
      this.#troubled = false;
      this.#options.onTrouble(undefined);
    }
    if (this.#options.sync === "full" || this.#flushSet) return;
    this.#flushSet = true;
    this.#options.clock.after(FLUSH_MS, () => {
      this.#flushSet = false;
      void this.#file?.flush().catch((cause: unknown) => this.#trouble(cause));
    });
  }

  #fail(batch: readonly Waiting[], cause: unknown): void {
    // Whatever waits would meet the same disk.
    this.#giveUp([...batch, ...this.#queue.splice(0)], unavailable(cause ?? "a write ended early"));
    this.#trouble(cause ?? "a write ended early");
  }

  #trouble(cause: unknown): void {
    this.#troubled = true;
    this.#options.onTrouble(cause);
  }

  /** Verdicts are refused. Ends and events are refused too, but kept: what they tell has happened. */
  #giveUp(batch: readonly Waiting[], error: AgentError): void {
    for (const one of batch) {
      one.reject?.(error);
      one.reject = undefined;
      if (!one.urgent && !this.#closing && this.#queue.length < MAX_KEPT) this.#queue.push(one);
    }
  }

  /** Begin another segment. When that cannot be, the old one goes on and it is tried again a page later. */
  async #turnPage(old: JournalFile): Promise<void> {
    try {
      this.#file = await this.#options.openFile((this.#head?.seq ?? 0) + 1);
    } catch {
      this.#turnAt += this.#options.segmentBytes;
      return;
    }
    this.#size = 0;
    this.#turnAt = this.#options.segmentBytes;
    await old.close().catch((cause: unknown) => this.#trouble(cause));
    this.#options.onSegment();
  }
}

function unavailable(cause: unknown): AgentError {
  return new AgentError("RECORD_UNAVAILABLE", formatCause(cause), { cause });
}
