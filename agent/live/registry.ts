import type { Clock } from "../base/index.ts";
import type { Passage, Peer, Request } from "../connection/index.ts";
import type { Change, ConnectionView, FailureCode } from "../contract/index.ts";
import { connectionView } from "./connection-view.ts";
import { endedPassage } from "./ended-passage.ts";
import type { LiveCounts } from "./live.ts";
import { News } from "./news.ts";
import { RuleHitCounters } from "./rule-hits.ts";

export interface RegistryOptions {
  readonly clock: Clock;
  readonly recent: number;
  readonly peerOf: (request: Request) => Peer | undefined;
}

/** A living passage and what was noted about it. */
interface Resident {
  readonly passage: Passage;
  counted: boolean;
  /** Bytes that watchers were last told of. */
  toldBytes: number;
}

/** All that is known about connections now. What happens for every connection here is a few map operations. */
export class Registry {
  readonly hits = new RuleHitCounters();
  readonly news: News;
  readonly #options: RegistryOptions;
  readonly #living = new Map<string, Resident>();
  /** In the order in which they ended. */
  readonly #ended = new Map<string, Passage>();
  /** Notes for watchers; empty while there are none. */
  readonly #changed = new Map<string, Passage>();
  readonly #forgotten = new Set<string>();
  #total = 0;
  #refused = 0;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.news = new News({
      clock: options.clock,
      gather: () => this.#gather(),
      begin: () => this.#markTold(),
      end: () => this.#dropNotes(),
    });
  }

  get counts(): LiveCounts {
    return { live: this.#living.size, total: this.#total, refused: this.#refused };
  }

  observe(passage: Passage): void {
    const id = passage.request.id;
    const resident = this.#living.get(id) ?? this.#welcome(passage);
    if (resident === undefined) return;
    if (!resident.counted && passage.verdict !== undefined) this.#countHit(resident, passage.verdict);
    if (passage.state === "ended") this.#retire(passage);
    if (!this.news.watched) return;
    this.#changed.set(id, passage);
    this.news.stir();
  }

  view(passage: Passage): ConnectionView {
    return connectionView(passage, this.#options.peerOf(passage.request));
  }

  list(limit: number): readonly ConnectionView[] {
    // The newest that live are the last to have come; any of the ended may be newer than those.
    const living = [...this.living()].slice(-limit);
    const all = [...living, ...this.#ended.values()].toSorted((a, b) => b.request.receivedAt - a.request.receivedAt || compareIds(b, a));
    return all.slice(0, limit).map((passage) => this.view(passage));
  }

  find(idOrIncident: string): Passage | undefined {
    const byId = this.#living.get(idOrIncident)?.passage ?? this.#ended.get(idOrIncident);
    if (byId !== undefined) return byId;
    for (const { passage } of this.#living.values()) if (passage.incident === idOrIncident) return passage;
    for (const passage of this.recent()) if (passage.incident === idOrIncident) return passage;
    return undefined;
  }

  close(id: string, code: FailureCode): boolean {
    const resident = this.#living.get(id);
    resident?.passage.close(code);
    return resident !== undefined;
  }

  *living(): Iterable<Passage> {
    for (const { passage } of this.#living.values()) yield passage;
  }

  *recent(): Iterable<Passage> {
    yield* [...this.#ended.values()].toReversed();
  }

  countBy(of: "listener" | "backend"): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { passage } of this.#living.values()) {
      const key = of === "listener" ? passage.request.listener : passage.backend;
      if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  }

  /** Undefined for one that has ended before: news about it comes too late. */
  #welcome(passage: Passage): Resident | undefined {
    const id = passage.request.id;
    if (this.#ended.has(id)) return undefined;
    const resident: Resident = { passage, counted: false, toldBytes: 0 };
    this.#living.set(id, resident);
    this.#total += 1;
    return resident;
  }

  #countHit(resident: Resident, verdict: NonNullable<Passage["verdict"]>): void {
    resident.counted = true;
    const { id, receivedAt } = resident.passage.request;
    this.hits.count(verdict.policyDigest, verdict.rule, { id, at: receivedAt });
  }

  #retire(passage: Passage): void {
    const id = passage.request.id;
    this.#living.delete(id);
    if (passage.end?.kind === "refused" || passage.end?.kind === "failed") this.#refused += 1;
    this.#ended.set(id, endedPassage(passage));
    if (this.#ended.size <= this.#options.recent) return;
    const oldest = this.#ended.keys().next();
    if (oldest.done === true) return;
    this.#ended.delete(oldest.value);
    if (this.news.watched) this.#forgotten.add(oldest.value);
  }

  #gather(): { readonly changes: readonly Change[]; readonly again: boolean } {
    for (const [id, resident] of this.#living) {
      const bytes = resident.passage.up + resident.passage.down;
      if (bytes === resident.toldBytes) continue;
      resident.toldBytes = bytes;
      this.#changed.set(id, resident.passage);
    }
    const changes: Change[] = [];
    for (const [id, passage] of this.#changed) {
      // Came, went and was forgotten between two tellings: nobody knew it.
      if (!this.#forgotten.has(id)) changes.push({ kind: "connection", connection: this.view(passage) });
    }
    if (this.#forgotten.size > 0) changes.push({ kind: "forgotten", ids: [...this.#forgotten] });
    this.#dropNotes();
    return { changes, again: this.#living.size > 0 };
  }

  #markTold(): void {
    for (const resident of this.#living.values()) resident.toldBytes = resident.passage.up + resident.passage.down;
  }

  #dropNotes(): void {
    this.#changed.clear();
    this.#forgotten.clear();
  }
}

function compareIds(a: Passage, b: Passage): number {
  return a.request.id < b.request.id ? -1 : 1;
}
