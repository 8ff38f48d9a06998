import { checkUnused } from "./check-names.ts";
import { checkTests } from "./check-tests.ts";
import type { MapEnvironment } from "./expression/index.ts";
import { checkExpression, SlotTable } from "./expression/index.ts";
import { compileReveals } from "./compile-reveals.ts";
import {
  compileGuard,
  compileLifeline,
  compilePolicyBlock,
  compileRoute,
  compileScope,
  type CompiledTarget,
  type Indexed,
} from "./compile-rules.ts";
import type { Workshop } from "./compile-conditions.ts";
import { declareSet } from "./declare-sets.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { HostIndex } from "./host-index.ts";
import type { LoadOptions } from "./policy.ts";
import type { CompiledLifeline, CompiledScope, Program } from "./program.ts";
import type { Item, LetBlock } from "./tree.ts";
import type { AttributeTable } from "./vocabulary.ts";

export interface Parts {
  readonly items: readonly Item[];
  readonly environment: MapEnvironment;
  readonly attributes: AttributeTable;
  readonly diagnostics: Diagnostics;
  readonly options: LoadOptions;
}

/** The items of one kind, in the order of the text. */
export function itemsOf<K extends Item["kind"]>(items: readonly Item[], kind: K): readonly Extract<Item, { readonly kind: K }>[] {
  return items.filter((item): item is Extract<Item, { readonly kind: K }> => item.kind === kind);
}

/** Check everything that a tree says and make it executable. With errors noted the program is incomplete and must not be used. */
export function compilePolicy(parts: Parts): Program {
  const { items, environment, attributes, diagnostics } = parts;
  const workshop: Workshop = { environment, table: new SlotTable(), diagnostics, used: new Set() };
  declareNames(parts, workshop);
  const lifelines = itemsOf(items, "lifeline").map((block) => compileLifeline(block, workshop));
  const scopes = itemsOf(items, "break_glass").map((block) => compileScope(block, workshop));
  const guards = compileAll(itemsOf(items, "guard"), diagnostics, (block) => compileGuard(block, workshop));
  const policies = compileAll(itemsOf(items, "policy"), diagnostics, (block) => compilePolicyBlock(block, workshop));
  const routes = compileAll(itemsOf(items, "route"), diagnostics, (block) => compileRoute(block, workshop));
  const reveals = compileReveals(itemsOf(items, "reveal"), workshop, attributes);
  const fixtures = itemsOf(items, "fixture");
  const tests = itemsOf(items, "test");
  checkTests(items, workshop, attributes);
  // A mistake elsewhere makes names look unused.
  if (!diagnostics.hasErrors) checkUnused(items, workshop);
  return {
    table: workshop.table,
    hostSlot: workshop.table.slotOf("request.host"),
    portSlot: workshop.table.slotOf("request.port"),
    environment,
    lifelines: groupLifelines(lifelines),
    breakGlass: groupScopes(scopes),
    guards: guards.map(({ rule }) => rule),
    guardIndex: new HostIndex(guards.map(({ hosts }) => hosts)),
    policies: policies.map(({ rule }) => rule),
    policyIndex: new HostIndex(policies.map(({ hosts }) => hosts)),
    routes: routes.map(({ rule }) => rule),
    routeIndex: new HostIndex(routes.map(({ hosts }) => hosts)),
    reveals,
    fixtures: new Map(fixtures.map((block) => [block.name.text, block.values])),
    tests,
    rules: lifelines.length + scopes.length + guards.length + policies.length + routes.length,
  };
}

function compileAll<B, R>(
  blocks: readonly B[],
  diagnostics: Diagnostics,
  compile: (block: B) => Indexed<R> | undefined,
): readonly Indexed<R>[] {
  return blocks.map((block) => (diagnostics.isFull ? undefined : compile(block))).filter((rule) => rule !== undefined);
}

/** Sets first, then the lets in the order of the text: a let may use the ones above it. */
function declareNames({ items, environment, options, diagnostics }: Parts, workshop: Workshop): void {
  for (const block of itemsOf(items, "set")) {
    if (diagnostics.isFull) return;
    const set = declareSet(block, options, diagnostics);
    if (set !== undefined) environment.sets.set(block.name.text, set);
  }
  for (const block of itemsOf(items, "let")) if (!diagnostics.isFull) declareLet(block, workshop);
}

function declareLet(block: LetBlock, { environment, diagnostics }: Workshop): void {
  const result = checkExpression(block.value, environment);
  if (result.kind === "checked") environment.lets.set(block.name.text, result.checked);
  else for (const problem of result.problems) diagnostics.add(problem);
}

function groupLifelines(targets: readonly (CompiledTarget | undefined)[]): ReadonlyMap<string, readonly CompiledLifeline[]> {
  const byHost = new Map<string, CompiledLifeline[]>();
  for (const target of targets) {
    if (target === undefined) continue;
    const list = byHost.get(target.host) ?? [];
    byHost.set(target.host, list);
    list.push({ rule: target.rule, port: target.port });
  }
  return byHost;
}

function groupScopes(scopes: readonly (CompiledScope | undefined)[]): ReadonlyMap<string, CompiledScope> {
  return new Map(scopes.filter((scope) => scope !== undefined).map((scope) => [scope.rule.name, scope]));
}
