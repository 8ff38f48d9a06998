import { AgentError, type Cancel, failureCodeOf, formatCause } from "../base/index.ts";
import type { Alarm, AuditQuery, AuditVerification } from "../contract/index.ts";
import { Alarms } from "./alarms.ts";
import type { AuditOptions } from "./audit.ts";
import type { ChainHead } from "./chained-lines.ts";
import { Clerk } from "./clerk.ts";
import { type Draft, eventDraft, interruptedDraft } from "./draft.ts";
import { Journal } from "./journal.ts";
import { journalFilesIn } from "./journal-file.ts";
import type { Opening, SetAside } from "./opening.ts";
import type { Page } from "./search.ts";

const SEGMENT_BYTES = 1024 * 1024;
const REOPEN_MS = 5_000;
const TEND_MS = 3_600_000;
/** After filing failed; the journal grows meanwhile. */
const TEND_AGAIN_MS = 30_000;
/** Ends of an earlier life are written so many at a time, so that new verdicts get their turn. */
const INTERRUPTED_GROUP = 200;

/** Looks after the record's two halves: the journal that takes records at once, and the clerk who files, searches and proves them. */
export class Keeper {
  readonly #options: AuditOptions;
  readonly #alarms: Alarms;
  readonly #journal: Journal;
  readonly #clerk: Clerk;
  #tending: Promise<void> | undefined;
  /** Asked for while it was under way. */
  #tendMore = false;
  #timer: Cancel | undefined;
  #closed = false;

  constructor(options: AuditOptions) {
    this.#options = options;
    this.#alarms = new Alarms(options.clock, options.onAlarms ?? (() => undefined));
    this.#clerk = new Clerk({ dir: options.dir, clock: options.clock, url: options.clerkUrl });
    this.#journal = new Journal({
      clock: options.clock,
      openFile: options.openFile ?? journalFilesIn(options.dir, options.clock),
      sync: options.sync ?? "process",
      segmentBytes: options.segmentBytes ?? SEGMENT_BYTES,
      onSegment: () => void this.#tend(),
      onTrouble: (cause) => this.#noteWriting(cause),
    });
  }

  get head(): ChainHead | undefined {
    return this.#journal.head;
  }

  get alarms(): readonly Alarm[] {
    return this.#alarms.list;
  }

  append(draft: Draft, urgent: boolean): Promise<void> {
    return this.#journal.append(draft, urgent);
  }

  async start(): Promise<void> {
    let opening: Opening;
    try {
      opening = await this.#clerk.ask("open", { now: this.#options.clock.now() });
      await this.#journal.begin(opening.head);
    } catch (cause) {
      this.#journal.refuse(cause);
      this.#noteWriting(cause);
      if (!this.#closed) this.#timer = this.#options.clock.after(REOPEN_MS, () => void this.start().catch(ignoreToldByAlarm));
      throw new AgentError("RECORD_UNAVAILABLE", formatCause(cause), { cause });
    }
    this.#alarms.clear("writing");
    for (const moved of opening.setAside) await this.#tellSetAside(moved);
    await this.#closeInterrupted(opening);
    void this.#tend();
  }

  search(query: AuditQuery): Promise<Page> {
    return this.#clerk.ask("search", query);
  }

  async verify(wanted: { readonly head?: string }): Promise<AuditVerification> {
    const result = await this.#clerk.ask("verify", wanted);
    if (!result.ok) void this.#tend();
    return result;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.();
    await this.#journal.close();
    await this.#tending;
    this.#timer?.();
    await this.#clerk.ask("file", undefined).catch((cause: unknown) => this.#noteFiling(cause));
    await this.#clerk.close();
  }

  async #closeInterrupted({ interrupted }: Opening): Promise<void> {
    for (let from = 0; from < interrupted.length; from += INTERRUPTED_GROUP) {
      const now = this.#options.clock.now();
      const group = interrupted.slice(from, from + INTERRUPTED_GROUP);
      await Promise.all(group.map((verdict) => this.append(interruptedDraft(verdict, now), false)));
    }
  }

  /** File what is complete, cut what is too old or too much. One at a time; never rejects. */
  #tend(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    if (this.#tending !== undefined) {
      this.#tendMore = true;
      return this.#tending;
    }
    this.#timer?.();
    this.#tendMore = false;
    this.#tending = this.#tendOnce()
      .then(
        () => this.#tendAfter(TEND_MS),
        (cause: unknown) => {
          this.#noteFiling(cause);
          this.#tendAfter(TEND_AGAIN_MS);
        },
      )
      .finally(() => {
        this.#tending = undefined;
        if (this.#tendMore) void this.#tend();
      });
    return this.#tending;
  }

  #tendAfter(ms: number): void {
    if (!this.#closed) this.#timer = this.#options.clock.after(ms, () => void this.#tend());
  }

  async #tendOnce(): Promise<void> {
    const { damage } = await this.#clerk.ask("file", undefined);
    this.#alarms.clear("filing");
    if (damage !== undefined) await this.#giveUpJournal();
    const { keepMs, maxBytes, clock } = this.#options;
    if (keepMs === undefined && maxBytes === undefined) return;
    const plan = await this.#clerk.ask("planCut", { keepMs, maxBytes, now: clock.now() });
    // The cut is on the chain before anything is deleted.
    if (plan !== undefined) await this.append(eventDraft({ name: "record_cut", detail: { ...plan } }, clock.now()), false);
    await this.#clerk.ask("cut", undefined);
  }

  /** Somebody changed the journal under our hands: go on after the last record that can be believed, and say so on the chain. */
  async #giveUpJournal(): Promise<void> {
    let told: SetAside | undefined;
    await this.#journal.resume(async () => {
      const { head, moved } = await this.#clerk.ask("giveUpJournal", { now: this.#options.clock.now() });
      told = moved;
      return head;
    });
    if (told !== undefined) await this.#tellSetAside(told);
  }

  async #tellSetAside({ directory, why, oldHead }: SetAside): Promise<void> {
    this.#alarms.raise("damage", "RECORD_DAMAGED", `${why}; kept in ${directory}`);
    const detail = { directory, oldHash: oldHead?.hash, oldSeq: oldHead?.seq, why };
    await this.append(eventDraft({ name: "record_set_aside", detail }, this.#options.clock.now()), false);
  }

  #noteWriting(cause: unknown): void {
    if (cause === undefined) this.#alarms.clear("writing");
    else this.#alarms.raise("writing", "RECORD_UNAVAILABLE", formatCause(cause));
  }

  #noteFiling(cause: unknown): void {
    const code = failureCodeOf(cause) === "RECORD_DAMAGED" ? "RECORD_DAMAGED" : "RECORD_UNAVAILABLE";
    const remedy = code === "RECORD_DAMAGED" ? "restart the agent to begin a new chain" : "it will be tried again";
    this.#alarms.raise("filing", code, `records are kept in the journal but cannot be filed; ${remedy}: ${formatCause(cause)}`);
  }
}

/** The alarm is raised already, and the next attempt is due. */
function ignoreToldByAlarm(): void {
  return;
}
