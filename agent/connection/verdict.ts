import type { Outcome, RuleRef } from "../contract/index.ts";

export type { Outcome, RuleRef } from "../contract/index.ts";

/** One requirement of the selected rule that did not hold. */
export interface FailedRequirement {
  readonly label: string;
  readonly line: number;
  readonly state: "false" | "unknown" | "error";
  readonly effect: Outcome | "next";
  readonly say?: string;
  readonly help?: string;
}

/** Something that mattered and could not be found out. */
export interface UnknownFact {
  readonly attribute: string;
  readonly why: string;
  readonly source?: string;
}

/** What the person must do before the connection may go on. */
export interface Ask {
  readonly kind: "step_up" | "challenge";
  readonly asks: readonly { readonly what: string; readonly value?: string }[];
  /** How long the connection may wait; 0 means refuse at once. */
  readonly holdMs: number;
}

/** What was decided and by what; pure data, written to the record as it is. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly rule: RuleRef;
  /** SHA-256 of the policy text that judged, hex. */
  readonly policyDigest: string;
  /** It could not be found out whether the rule applies; its own words, and the link of a redirect, are then left out. */
  readonly mayApply?: boolean;
  readonly say?: string;
  readonly help?: string;
  readonly failed: readonly FailedRequirement[];
  readonly unknown: readonly UnknownFact[];
  /** Names of attributes whose value was stale or assumed by a fallback. */
  readonly stale: readonly string[];
  readonly assumed: readonly string[];
  readonly log: "none" | "summary" | "full";
  /** Longest life of the connection, ms. */
  readonly lifetimeMs?: number;
  readonly onChange: "keep" | "drain" | "close";
  readonly redirect?: string;
  /** Dial this instead; judged once more against the new target. */
  readonly rewrite?: { readonly host: string; readonly port: number };
  readonly ask?: Ask;
  readonly breakGlass?: string;
  /** Backends that the routes recommend, in order, without duplicates. Empty: the built-in `direct`. */
  readonly backends: readonly string[];
  readonly examined: number;
  readonly rules: number;
}

/** Trouble while judging is a denial, never a pass. */
export function undecidable(policyDigest: string): Verdict {
  return {
    outcome: "deny",
    rule: { kind: "built-in", name: "undecidable" },
    policyDigest,
    failed: [],
    unknown: [],
    stale: [],
    assumed: [],
    log: "full",
    onChange: "close",
    backends: [],
    examined: 0,
    rules: 0,
  };
}
