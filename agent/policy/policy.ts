import type { RuleRef } from "../connection/index.ts";
import type { Problem } from "../contract/index.ts";
import type { Program } from "./program.ts";
import type { AttributeTable } from "./vocabulary.ts";

/** A stretch of the policy text: offset and length in UTF-16 units, line and column from 1. */
export interface Place {
  readonly offset: number;
  readonly length: number;
  readonly line: number;
  readonly column: number;
}

/** One rule as a list on a screen shows it. */
export interface RuleEntry {
  readonly rule: RuleRef;
  /** The action in the policy's own words: `allow log full`, `deny`. */
  readonly action: string;
  readonly at: Place;
}

/** A scope that a break-glass token may open while its condition holds. */
export interface BreakGlassScope {
  readonly name: string;
  readonly maxMs: number;
  readonly quorum: number;
  readonly keys: readonly string[];
  readonly note?: string;
  readonly at: Place;
}

/** A host and port that stay reachable whatever else is unknown; the loader proved it. */
export interface Lifeline {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly at: Place;
}

/** A checked policy. It never changes; a new text makes a new one. */
export interface Policy {
  readonly file: string;
  /** SHA-256 of the text, hex, from the hash that the caller gave. */
  readonly digest: string;
  readonly text: string;
  readonly rules: readonly RuleEntry[];
  readonly lifelines: readonly Lifeline[];
  readonly breakGlass: readonly BreakGlassScope[];
  readonly attributes: AttributeTable;
  /** How many embedded tests it carries. */
  readonly tests: number;
  /** What is evaluated. Only this room looks inside. */
  readonly program: Program;
}

export interface LoadOptions {
  /** The name that problems carry. */
  readonly file: string;
  /** SHA-256 as lower-case hex. An argument, because this room knows no `node:` module. */
  readonly hash: (content: string | Uint8Array) => string;
  /** The content of a large set by its reference, `sha256:…`; one entry a line. The loader checks the content against the reference. */
  readonly readSet?: (reference: string) => string | Uint8Array | undefined;
}

export interface LoadResult {
  /** Absent when any problem is an error. */
  readonly policy?: Policy;
  readonly problems: readonly Problem[];
}

export interface DecideOptions {
  /** The scope of a break-glass token that the caller verified and that is active now. */
  readonly breakGlass?: string;
  /** This request was already sent elsewhere once: a second `rewrite` to yet another place is refused. */
  readonly rewritten?: boolean;
  /**
   * What the person has answered since the connection waits: `confirm`, `reason`. A challenge that asks for nothing else is met. SECURITY: the
   * caller gives only what the person may answer alone; a sign-in and another one's approval are facts, never answers.
   */
  readonly answered?: ReadonlySet<string>;
}
