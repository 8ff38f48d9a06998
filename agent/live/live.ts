import type { Cancel, Clock } from "../base/index.ts";
import type { Passage, Peer, Request } from "../connection/index.ts";
import type { Change, ConnectionView, FailureCode, RuleRef } from "../contract/index.ts";
import { Registry } from "./registry.ts";
import type { RuleHits } from "./rule-hits.ts";

export interface LiveOptions {
  readonly clock: Clock;
  /** How many ended connections are remembered; default 2,000. */
  readonly recent?: number;
  /** Who asked, when more was found out than the request says. Called only when somebody looks. */
  readonly peerOf?: (request: Request) => Peer | undefined;
}

export interface LiveCounts {
  /** Not ended. */
  readonly live: number;
  /** Since start. */
  readonly total: number;
  /** Since start, ended without ever being open. */
  readonly refused: number;
}

export interface Live {
  /** The conductor's port: told at each change of a passage's state. Never throws, starts nothing while nobody watches. */
  readonly observe: (passage: Passage) => void;
  /** Living and recent, newest first. */
  list(limit?: number): readonly ConnectionView[];
  /** By connection id or incident, with its request and verdict. */
  find(idOrIncident: string): Passage | undefined;
  view(passage: Passage): ConnectionView;
  /** False when no living connection has this id. The code defaults to CARRY_CLOSED_BY_PERSON. */
  close(id: string, code?: FailureCode): boolean;
  /** Those that have not ended, oldest first: for judging them again, or for a drain. They may end while iterating. */
  living(): Iterable<Passage>;
  /** Ended ones that are still remembered, the last to end first. */
  recent(): Iterable<Passage>;
  readonly counts: LiveCounts;
  /** Since start, for one rule under one policy; the last four policies are remembered. */
  hits(policyDigest: string, rule: RuleRef): RuleHits;
  /** Living connections for each listener or way out. */
  countBy(of: "listener" | "backend"): ReadonlyMap<string, number>;
  /**
   * Gathered changes of connections, at most four times a second, bytes included; call {@link Live.list} first for what is there now.
   * Nothing is computed and no timer runs while nobody watches.
   */
  watch(take: (changes: readonly Change[]) => void): Cancel;
}

const RECENT = 2000;
const LISTED = 500;

export function createLive(options: LiveOptions): Live {
  const registry = new Registry({
    clock: options.clock,
    recent: options.recent ?? RECENT,
    peerOf: options.peerOf ?? ((request) => request.peer),
  });
  return {
    observe: (passage) => registry.observe(passage),
    list: (limit = LISTED) => registry.list(limit),
    find: (idOrIncident) => registry.find(idOrIncident),
    view: (passage) => registry.view(passage),
    close: (id, code = "CARRY_CLOSED_BY_PERSON") => registry.close(id, code),
    living: () => registry.living(),
    recent: () => registry.recent(),
    get counts() {
      return registry.counts;
    },
    hits: (policyDigest, rule) => registry.hits.read(policyDigest, rule),
    countBy: (of) => registry.countBy(of),
    watch: (take) => registry.news.watch(take),
  };
}
