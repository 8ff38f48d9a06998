import type { Clock, Leash } from "../base/index.ts";
import type { Ask, Facts, FailureCode, Limits, Passage, Refusal, Request, Route, Verdict } from "../connection/index.ts";
import type { Upstream } from "../net/index.ts";

/** What judging gives: a verdict, and the attributes whose fetching could still change it. */
export interface Judgement {
  readonly verdict: Verdict;
  /** Empty when the verdict is final. */
  readonly wanted: readonly string[];
}

export type RouteChoice =
  | { readonly kind: "routes"; readonly routes: readonly Route[] }
  | { readonly kind: "unknown"; readonly code: FailureCode; readonly backend: string };

export type HoldAnswer = { readonly kind: "go" } | { readonly kind: "refuse"; readonly detail?: string };

export interface DialRequest {
  readonly connectMs: number;
  readonly leash: Leash;
  /** Judges an address that the destination turned out to have. */
  readonly admit: (address: string, port: number) => boolean | Promise<boolean>;
  /** What will be sent is a request for `http:`, which a proxy may take without a tunnel. */
  readonly isPlainHttp: boolean;
}

export type DialAnswer =
  | { readonly kind: "open"; readonly upstream: Upstream }
  | { readonly kind: "failed"; readonly code: FailureCode; readonly detail: string; readonly sent?: boolean };

/**
 * What the conductor may ask of other rooms: one Snapshot's view of them, taken at accept, so that a reload never changes a
 * connection's mind half-way. Any of them may throw; the conductor fails closed.
 */
export interface Ports {
  readonly clock: Clock;
  /** SHA-256 of the policy of this Snapshot, for verdicts that no rule gave. */
  readonly policyDigest: string;

  /** At once and without I/O. `direct`: judged again for a direct way out because every backend failed. */
  readonly gather: (request: Request, direct: boolean) => Facts;
  /** The same facts with the wanted ones found out, as far as possible within `deadlineMs`. */
  readonly fetch: (request: Request, facts: Facts, wanted: readonly string[], deadlineMs: number) => Promise<Facts>;
  /** Longest time that all fetching for one connection may take. */
  readonly fetchMs: number;
  /** Pure. */
  readonly judge: (request: Request, facts: Facts) => Judgement;
  /** Wait for the person, at most `ask.holdMs`. `go`: judge again now. */
  readonly hold: (passage: Passage, ask: Ask, leash: Leash) => Promise<HoldAnswer>;

  /** Resolves when `passage.verdict` is durable. */
  readonly recordVerdict: (passage: Passage) => Promise<void>;
  /** Resolves when `passage.end` is durable. */
  readonly recordEnd: (passage: Passage) => Promise<void>;
  /** A record could not be written. Must not throw. */
  readonly raiseAuditAlarm: (cause: unknown) => void;

  /** Ways out for an allowed request, in order; pure. */
  readonly selectRoutes: (request: Request, verdict: Verdict) => RouteChoice;
  /** The direct way when every other one failed; undefined when this connection may not go that way (a listener's own `via`). */
  readonly lastResort: (request: Request, verdict: Verdict) => Route | undefined;
  readonly dial: (routes: readonly Route[], how: DialRequest) => Promise<DialAnswer>;
  /** The configured bounds; a verdict's own lifetime is applied by the conductor. */
  readonly limits: (request: Request) => Limits;

  /** Before a denial is recorded, at most a moment: the program that waits for it can still be found by its name. */
  readonly beforeDenial?: (passage: Passage) => Promise<void>;
  /** What the person may read about a refusal. */
  readonly explain: (passage: Passage) => Pick<Refusal, "say" | "help" | "explanation">;
  /** Told at each change of the passage's state. */
  readonly observe: (passage: Passage) => void;
}
