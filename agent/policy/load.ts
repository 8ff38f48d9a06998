import { checkNames } from "./check-names.ts";
import { compilePolicy, itemsOf } from "./compile-policy.ts";
import { readTarget } from "./compile-action.ts";
import { declareAttributes, typeOf } from "./declare-attributes.ts";
import { Diagnostics } from "./diagnostics.ts";
import { decodeText } from "./decode-text.ts";
import { MapEnvironment, type Span } from "./expression/index.ts";
import { parsePolicy } from "./parse-policy.ts";
import type { BreakGlassScope, Lifeline, LoadOptions, LoadResult, Place, Policy, RuleEntry } from "./policy.ts";
import { policyLimits } from "./policy-limits.ts";
import { proveLifelines } from "./prove-lifelines.ts";
import type { ActionNode, Item } from "./tree.ts";
import type { AttributeTable } from "./vocabulary.ts";

/**
 * Read, check and compile a policy. It never throws, whatever the text: with any error there is no policy, and the problems say
 * where and why.
 */
export function loadPolicy(content: string | Uint8Array, options: LoadOptions): LoadResult {
  const decoded = decodeText(content);
  const diagnostics = new Diagnostics(options.file, decoded.text);
  if (decoded.bad !== undefined) diagnostics.error(decoded.bad, "E_ENCODING", "this is not UTF-8 text");
  else if (decoded.text.length > policyLimits.textLength) refuseLength(diagnostics);
  else return loadText(decoded.text, { options, diagnostics, content });
  return { problems: diagnostics.problems() };
}

function refuseLength(diagnostics: Diagnostics): void {
  const at = { offset: policyLimits.textLength, length: 1 };
  diagnostics.error(at, "E_LIMIT", `a policy has at most ${policyLimits.textLength} characters`, "put long lists into sets from files");
}

interface Loading {
  readonly options: LoadOptions;
  readonly diagnostics: Diagnostics;
  readonly content: string | Uint8Array;
}

function loadText(text: string, { options, diagnostics, content }: Loading): LoadResult {
  const { tree, problems, comments } = parsePolicy(text, policyLimits.items);
  diagnostics.allowFrom(comments);
  for (const problem of problems) diagnostics.add(problem);
  const { items } = tree;
  checkNames(items, diagnostics);
  const attributes = declareAttributes(itemsOf(items, "attribute"), diagnostics);
  const environment = createEnvironment(attributes);
  const program = compilePolicy({ items, environment, attributes, diagnostics, options });
  if (diagnostics.hasErrors) return { problems: diagnostics.problems() };
  const policy: Policy = {
    file: options.file,
    digest: options.hash(content),
    text,
    rules: listRules(items, { diagnostics, text }),
    lifelines: listLifelines(items, diagnostics),
    breakGlass: listScopes(items, diagnostics),
    attributes,
    tests: program.tests.length,
    program,
  };
  proveLifelines(policy, diagnostics);
  return { ...(!diagnostics.hasErrors && { policy }), problems: diagnostics.problems() };
}

/** `decision.*` is what a reveal names; no condition can read it. */
function createEnvironment(attributes: AttributeTable): MapEnvironment {
  const environment = new MapEnvironment();
  for (const attribute of attributes.values()) {
    if (attribute.group === "decision") continue;
    environment.attributes.set(attribute.path, { type: typeOf(attribute), optional: attribute.optional });
  }
  return environment;
}

interface Source {
  readonly diagnostics: Diagnostics;
  readonly text: string;
}

function listRules(items: readonly Item[], source: Source): readonly RuleEntry[] {
  const entries: RuleEntry[] = [];
  for (const item of items) {
    if (item.kind === "lifeline" || item.kind === "break_glass") entries.push(entryOf(item, "allow", source));
    if (item.kind === "guard" || item.kind === "policy") entries.push(entryOf(item, actionText(item.action, source.text), source));
  }
  return entries;
}

type RuleItem = Extract<Item, { readonly kind: "lifeline" | "break_glass" | "guard" | "policy" }>;

function entryOf(item: RuleItem, action: string, { diagnostics }: Source): RuleEntry {
  return {
    rule: { kind: item.kind, name: item.name.text, line: diagnostics.lines.lineOf(item.name.offset) },
    action,
    at: placeOf(item.at, diagnostics),
  };
}

/** The action as written, on one line, without its sentences. */
function actionText(action: ActionNode, text: string): string {
  const written = text.slice(action.at.offset, action.at.offset + action.at.length);
  return written.replace(/\s+(?:say|help)\s+"(?:[^"\\]|\\.)*"/g, "").replace(/\s+/g, " ");
}

function placeOf(span: Span, diagnostics: Diagnostics): Place {
  return diagnostics.lines.placeOf(span);
}

function listLifelines(items: readonly Item[], diagnostics: Diagnostics): readonly Lifeline[] {
  return itemsOf(items, "lifeline").flatMap((block) => {
    const target = readTarget(block.target, diagnostics);
    return target === undefined ? [] : [{ name: block.name.text, ...target, at: placeOf(block.at, diagnostics) }];
  });
}

function listScopes(items: readonly Item[], diagnostics: Diagnostics): readonly BreakGlassScope[] {
  return itemsOf(items, "break_glass").map(({ name, maxMs, quorum, keys, note, at }) => ({
    name: name.text,
    maxMs,
    quorum,
    keys: keys.map((key) => key.text),
    ...(note !== undefined && { note }),
    at: placeOf(at, diagnostics),
  }));
}
