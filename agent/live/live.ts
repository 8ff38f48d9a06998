import type { Cancel, Clock } from "../base/index.ts";
import type { Passage } from "../connection/index.ts";
import type { Change, ConnectionView, FailureCode, RuleRef } from "../contract/index.ts";
import type { RuleHits } from "./rule-hits.ts";

export interface LiveOptions {
  readonly clock: Clock;
  /** How many ended connections are remembered; default 2,000. */
  readonly recent?: number;
}

export interface LiveCounts {
  readonly live: number;
  readonly total: number;
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
  /** Those that have not ended, oldest first: for judging them again, or for a drain. May be changed while iterating. */
  living(): Iterable<Passage>;
  /** Ended ones that are still remembered, newest first. */
  recent(): Iterable<Passage>;
  readonly counts: LiveCounts;
  /** Since start, for one rule under one policy. */
  hits(policyDigest: string, rule: RuleRef): RuleHits;
  /** Living connections for each listener and each way out. */
  countBy(of: "listener" | "backend"): ReadonlyMap<string, number>;
  /**
   * Gathered changes of connections, at most four times a second, bytes included; call {@link Live.list} first for what is there now.
   * Nothing is computed and no timer runs while nobody watches.
   */
  watch(take: (changes: readonly Change[]) => void): Cancel;
}

export function createLive(options: LiveOptions): Live {
  throw new Error(String(options.recent));
}
