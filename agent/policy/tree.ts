/**
 * What a policy text says, block by block, with the place of every word. Plain data: its JSON is the language's JSON form, for
 * generators and for signing.
 */
import type { Expression, Span, Type } from "./expression/index.ts";

export interface Word extends Span {
  readonly text: string;
}

export interface PolicyFile {
  readonly version: 1;
  readonly items: readonly Item[];
}

export type Item =
  | AttributeBlock
  | SetBlock
  | LetBlock
  | LifelineBlock
  | GuardBlock
  | PolicyBlock
  | RouteBlock
  | BreakGlassBlock
  | RevealBlock
  | FixtureBlock
  | TestBlock;

interface Block {
  /** The name, which is the block's identity in diffs, logs and tests; for a test its title. */
  readonly name: Word;
  /** The whole block. */
  readonly at: Span;
}

export interface AttributeBlock extends Block {
  readonly kind: "attribute";
  readonly type?: { readonly type: Type; readonly at: Span };
  readonly source?: { readonly name: Word; readonly argument?: string };
  readonly maxAgeMs?: number;
  readonly staleMs?: number;
  readonly fallback?: ValueNode;
  readonly class?: Word;
  readonly optional: boolean;
}

export interface SetBlock extends Block {
  readonly kind: "set";
  readonly of: "hosts" | "nets" | "plain";
  readonly entries: readonly Word[];
  /** `from "sha256:…"` instead of a list. */
  readonly reference?: Word;
}

export interface LetBlock extends Block {
  readonly kind: "let";
  readonly value: Expression;
}

export interface LifelineBlock extends Block {
  readonly kind: "lifeline";
  readonly target: Word;
}

export interface GuardBlock extends Block {
  readonly kind: "guard";
  readonly always: boolean;
  readonly when: Expression;
  readonly action: ActionNode;
  readonly onUnknown?: OnUnknown;
}

export type OnUnknown =
  | { readonly kind: "skip"; readonly because: string; readonly at: Span }
  | { readonly kind: "deny"; readonly at: Span }
  | { readonly kind: "step_up"; readonly action: ActionNode; readonly at: Span };

export interface PolicyBlock extends Block {
  readonly kind: "policy";
  readonly when?: Expression;
  readonly requires: readonly RequireNode[];
  readonly action: ActionNode;
}

export interface RequireNode {
  /** The label, or `1`, `2`, … by position when none was written. */
  readonly label: Word;
  readonly condition: Expression;
  readonly otherwise: ActionNode | NextNode;
  readonly at: Span;
}

/** `else next`: the rule does not apply, reading goes on. */
export interface NextNode {
  readonly kind: "next";
  readonly at: Span;
}

interface Spoken {
  readonly say?: string;
  readonly help?: string;
  readonly at: Span;
}

export type ActionNode =
  | (Spoken & {
      readonly kind: "allow";
      readonly log?: LogLevel;
      readonly forMs?: number;
      readonly onChange?: OnChange;
    })
  | (Spoken & { readonly kind: "deny" })
  | (Spoken & { readonly kind: "redirect"; readonly url: Word })
  | (Spoken & {
      readonly kind: "rewrite";
      readonly target: Word;
      readonly log?: LogLevel;
      readonly forMs?: number;
      readonly onChange?: OnChange;
    })
  | (Spoken & { readonly kind: "step_up"; readonly what: "acr" | "amr" | "max_age"; readonly value: string; readonly holdMs: number })
  | (Spoken & {
      readonly kind: "challenge";
      readonly what: "confirm" | "reason" | "approve";
      readonly value?: string;
      readonly holdMs: number;
    });

export type LogLevel = "none" | "summary" | "full";
export type OnChange = "keep" | "drain" | "close";

export interface RouteBlock extends Block {
  readonly kind: "route";
  readonly when?: Expression;
  readonly use: readonly Word[];
}

export interface BreakGlassBlock extends Block {
  readonly kind: "break_glass";
  readonly when: Expression;
  readonly maxMs: number;
  readonly quorum: number;
  readonly keys: readonly Word[];
  readonly note?: string;
}

export interface RevealBlock extends Block {
  readonly kind: "reveal";
  readonly to: Word;
  readonly when?: Expression;
  readonly lines: readonly RevealLine[];
}

export interface RevealLine {
  readonly how: "show" | "hide" | "mask" | "hash" | "coarse";
  readonly what: readonly RevealTarget[];
}

export type RevealTarget =
  | { readonly kind: "path"; readonly path: string; readonly at: Span }
  | { readonly kind: "class"; readonly classes: readonly Word[]; readonly at: Span }
  | { readonly kind: "all"; readonly at: Span };

export interface FixtureBlock extends Block {
  readonly kind: "fixture";
  readonly values: readonly FixtureEntry[];
}

export interface FixtureEntry {
  readonly path: Word;
  readonly value: ValueNode;
}

/** A literal as written; its meaning depends on the attribute's type. */
export type ValueNode =
  | { readonly kind: "bool"; readonly value: boolean; readonly at: Span }
  | { readonly kind: "number"; readonly value: number; readonly isInt: boolean; readonly at: Span }
  | { readonly kind: "string"; readonly value: string; readonly at: Span }
  | { readonly kind: "duration"; readonly ms: number; readonly at: Span }
  | { readonly kind: "list"; readonly items: readonly ValueNode[]; readonly at: Span }
  | { readonly kind: "map"; readonly entries: readonly { readonly key: string; readonly value: ValueNode }[]; readonly at: Span }
  | { readonly kind: "unknown"; readonly at: Span }
  | { readonly kind: "absent"; readonly at: Span };

export interface TestBlock extends Block {
  readonly kind: "test";
  readonly given: readonly (Word | readonly FixtureEntry[])[];
  readonly expectations: readonly Expectation[];
}

export type Expectation =
  | {
      readonly kind: "expect";
      readonly outcome: Word;
      readonly by?: Word;
      readonly needs: readonly Word[];
      readonly becauseUnknown: readonly Word[];
      readonly via?: readonly Word[];
      readonly breakGlass?: Word;
    }
  | { readonly kind: "reveals" | "hides"; readonly audience: Word; readonly paths: readonly Word[] };
