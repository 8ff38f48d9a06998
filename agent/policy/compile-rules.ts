import type { RuleRef } from "../connection/index.ts";
import { compileAction, readTarget } from "./compile-action.ts";
import { type Made, makeCondition, type Workshop } from "./compile-conditions.ts";
import { type CheckedExpression, necessaryHosts, type Span } from "./expression/index.ts";
import type { NecessaryHosts } from "./host-index.ts";
import type {
  CompiledAction,
  CompiledCondition,
  CompiledGuard,
  CompiledPolicy,
  CompiledRequirement,
  CompiledRoute,
  CompiledScope,
} from "./program.ts";
import type { BreakGlassBlock, GuardBlock, LifelineBlock, PolicyBlock, RequireNode, RouteBlock } from "./tree.ts";

/** A rule with what the index must know of it. */
export interface Indexed<R> {
  readonly rule: R;
  readonly hosts: NecessaryHosts;
}

/** Lists longer than this are not worth an entry for each pattern. */
const MAX_INDEXED = 20_000;

function hostsOf(checked: CheckedExpression): NecessaryHosts {
  const hosts = necessaryHosts(checked);
  return hosts === "any" || hosts.length > MAX_INDEXED ? undefined : hosts;
}

function refOf(
  block: { readonly kind: RuleRef["kind"]; readonly name: { readonly text: string; readonly offset: number } },
  workshop: Workshop,
): RuleRef {
  return { kind: block.kind, name: block.name.text, line: workshop.diagnostics.lines.lineOf(block.name.offset) };
}

export function compileGuard(block: GuardBlock, workshop: Workshop): Indexed<CompiledGuard> | undefined {
  const { diagnostics } = workshop;
  if (block.action.kind === "allow" || block.action.kind === "rewrite") {
    diagnostics.error(block.action.at, "E_ACTION", "a guard may refuse or ask, but not allow", "write a policy to allow");
    return undefined;
  }
  const when = makeCondition(block.when, workshop);
  const action = compileAction(block.action, diagnostics);
  if (when === undefined) return undefined;
  const rule: CompiledGuard = {
    rule: refOf(block, workshop),
    always: block.always,
    when: when.condition,
    action,
    onUnknown: compileOnUnknown(block, { action, workshop }),
  };
  return { rule, hosts: hostsOf(when.checked) };
}

function compileOnUnknown(
  block: GuardBlock,
  made: { readonly action: CompiledAction; readonly workshop: Workshop },
): CompiledAction | "skip" {
  const { onUnknown } = block;
  if (onUnknown === undefined) return made.action;
  if (onUnknown.kind === "step_up") return compileAction(onUnknown.action, made.workshop.diagnostics);
  if (onUnknown.kind === "deny") return { outcome: "deny", log: "full", onChange: "close", holdMs: 0 };
  made.workshop.diagnostics.warn(
    onUnknown.at,
    "W_SKIP",
    `while its condition is unknown, the guard '${block.name.text}' does nothing`,
    "if that is meant, write '# portail: allow W_SKIP' on the line above",
  );
  return "skip";
}

export function compilePolicyBlock(block: PolicyBlock, workshop: Workshop): Indexed<CompiledPolicy> | undefined {
  const when = block.when && makeCondition(block.when, workshop);
  const conditions: CompiledCondition[] = [];
  const requirements: CompiledRequirement[] = [];
  let complete = block.when === undefined || when !== undefined;
  for (const require of block.requires) {
    const made = makeCondition(require.condition, workshop);
    if (made === undefined) complete = false;
    else if (require.otherwise.kind === "next") conditions.push(made.condition);
    else requirements.push(compileRequirement(require, made, workshop));
  }
  noteTwins(block.requires, workshop);
  noteNever(block.name, when, workshop);
  const action = compileAction(block.action, workshop.diagnostics);
  if (!complete) return undefined;
  const rule = { rule: refOf(block, workshop), ...(when && { when: when.condition }), conditions, requirements, action };
  return { rule, hosts: when && hostsOf(when.checked) };
}

function compileRequirement(require: RequireNode, made: Made, workshop: Workshop): CompiledRequirement {
  const { otherwise } = require;
  if (otherwise.kind === "next") throw new Error("else next is a condition, not a requirement");
  return {
    label: require.label.text,
    line: workshop.diagnostics.lines.lineOf(require.at.offset),
    condition: made.condition,
    otherwise: compileAction(otherwise, workshop.diagnostics),
  };
}

function noteTwins(requires: readonly RequireNode[], workshop: Workshop): void {
  const seen = new Set<string>();
  for (const { label } of requires) {
    if (seen.has(label.text)) workshop.diagnostics.error(label, "E_DUPLICATE", `two requirements are called '${label.text}'`);
    seen.add(label.text);
  }
}

/** A condition that is plainly false, for example after a set lost its last entry. */
function noteNever(name: Span, when: Made | undefined, workshop: Workshop): void {
  if (when?.checked.tree.kind === "constant" && when.checked.tree.value === false) {
    workshop.diagnostics.warn(name, "W_NEVER", "this rule never applies: its condition is always false");
  }
}

export function compileRoute(block: RouteBlock, workshop: Workshop): Indexed<CompiledRoute> | undefined {
  const when = block.when && makeCondition(block.when, workshop);
  if (block.when !== undefined && when === undefined) return undefined;
  const rule = {
    name: block.name.text,
    line: workshop.diagnostics.lines.lineOf(block.name.offset),
    ...(when && { when: when.condition }),
    use: block.use.map((word) => word.text),
  };
  return { rule, hosts: when && hostsOf(when.checked) };
}

const MAX_SCOPE_MS = 24 * 3_600_000;

export function compileScope(block: BreakGlassBlock, workshop: Workshop): CompiledScope | undefined {
  const { diagnostics } = workshop;
  if (block.maxMs <= 0 || block.maxMs > MAX_SCOPE_MS)
    diagnostics.error(block.name, "E_BREAK_GLASS", "'max' is at most 24h and more than nothing");
  const keys = new Set(block.keys.map((key) => key.text));
  if (keys.size !== block.keys.length) diagnostics.error(block.name, "E_BREAK_GLASS", "a key is listed twice");
  if (block.quorum < 1 || block.quorum > keys.size) {
    diagnostics.error(block.name, "E_BREAK_GLASS", `a quorum of ${block.quorum} cannot be reached with ${keys.size} keys`);
  }
  const when = makeCondition(block.when, workshop);
  return when && { rule: refOf(block, workshop), when: when.condition };
}

export interface CompiledTarget {
  readonly rule: RuleRef;
  readonly host: string;
  readonly port: number;
}

export function compileLifeline(block: LifelineBlock, workshop: Workshop): CompiledTarget | undefined {
  const target = readTarget(block.target, workshop.diagnostics);
  return target && { rule: refOf(block, workshop), ...target };
}
