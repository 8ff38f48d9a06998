/** A checked policy in the form in which it is evaluated: functions, indexes, and no syntax tree. */
import type { Outcome, RuleRef } from "../connection/index.ts";
import type { Evaluate, MapEnvironment, SlotTable, Span } from "./expression/index.ts";
import type { HostIndex } from "./host-index.ts";
import type { FixtureEntry, LogLevel, OnChange, RevealLine, TestBlock } from "./tree.ts";

export interface Program {
  readonly table: SlotTable;
  readonly hostSlot: number;
  readonly portSlot: number;
  /** Names for checking an expression again, when a decision is explained. */
  readonly environment: MapEnvironment;
  /** By host, then compared by port. */
  readonly lifelines: ReadonlyMap<string, readonly CompiledLifeline[]>;
  readonly breakGlass: ReadonlyMap<string, CompiledScope>;
  readonly guards: readonly CompiledGuard[];
  readonly guardIndex: HostIndex;
  readonly policies: readonly CompiledPolicy[];
  readonly policyIndex: HostIndex;
  readonly routes: readonly CompiledRoute[];
  readonly routeIndex: HostIndex;
  readonly reveals: readonly CompiledReveal[];
  readonly fixtures: ReadonlyMap<string, readonly FixtureEntry[]>;
  readonly tests: readonly TestBlock[];
  /** Lifelines, scopes, guards, policies and routes. */
  readonly rules: number;
}

export interface CompiledLifeline {
  readonly rule: RuleRef;
  readonly port: number;
}

export interface CompiledScope {
  readonly rule: RuleRef;
  readonly when: CompiledCondition;
}

export interface CompiledCondition {
  readonly evaluate: Evaluate;
  /** Where it is written, to show it and to read it again. */
  readonly at: Span;
}

export interface CompiledAction {
  readonly outcome: Outcome;
  readonly say?: string;
  readonly help?: string;
  readonly log: LogLevel;
  readonly lifetimeMs?: number;
  readonly onChange: OnChange;
  readonly redirect?: string;
  readonly rewrite?: { readonly host: string; readonly port: number };
  readonly ask?: { readonly what: string; readonly value?: string };
  readonly holdMs: number;
}

export interface CompiledGuard {
  readonly rule: RuleRef;
  readonly always: boolean;
  readonly when: CompiledCondition;
  readonly action: CompiledAction;
  /** What counts while `when` is not known; `skip`: nothing. */
  readonly onUnknown: CompiledAction | "skip";
}

export interface CompiledPolicy {
  readonly rule: RuleRef;
  readonly when?: CompiledCondition;
  /** Conditions of `else next`: without them the rule does not apply. */
  readonly conditions: readonly CompiledCondition[];
  readonly requirements: readonly CompiledRequirement[];
  readonly action: CompiledAction;
}

export interface CompiledRequirement {
  readonly label: string;
  readonly line: number;
  readonly condition: CompiledCondition;
  readonly otherwise: CompiledAction;
}

export interface CompiledRoute {
  readonly name: string;
  readonly line: number;
  readonly when?: CompiledCondition;
  readonly use: readonly string[];
}

export interface CompiledReveal {
  readonly name: string;
  readonly to: string;
  readonly when?: CompiledCondition;
  readonly lines: readonly RevealLine[];
}
