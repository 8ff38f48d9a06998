import { audiences, isAudience } from "./audience.ts";
import type { Workshop } from "./compile-conditions.ts";
import type { Span } from "./expression/index.ts";
import { typeOf } from "./declare-attributes.ts";
import { readLiteral } from "./fixture-value.ts";
import { suggest } from "./suggest.ts";
import type { Expectation, FixtureBlock, FixtureEntry, Item, TestBlock, Word } from "./tree.ts";
import type { AttributeTable } from "./vocabulary.ts";

const OUTCOMES = ["allow", "deny", "redirect", "step_up", "challenge"] as const;
/** What `by` may name besides a rule: the tier itself. */
const TIERS = ["lifeline", "default"];

interface Context {
  readonly workshop: Workshop;
  readonly attributes: AttributeTable;
  readonly rules: ReadonlySet<string>;
  readonly scopes: ReadonlySet<string>;
  readonly fixtures: ReadonlySet<string>;
}

/** Check that fixtures and tests speak of things that exist; whether the tests pass is another question. */
export function checkTests(items: readonly Item[], workshop: Workshop, attributes: AttributeTable): void {
  const namesOf = (...kinds: Item["kind"][]): Set<string> =>
    new Set(items.filter((item) => kinds.includes(item.kind)).map((item) => item.name.text));
  const context: Context = {
    workshop,
    attributes,
    rules: namesOf("lifeline", "break_glass", "guard", "policy"),
    scopes: namesOf("break_glass"),
    fixtures: namesOf("fixture"),
  };
  const given = new Set<string>();
  for (const item of items) {
    if (item.kind === "fixture") checkEntries(item.values, context);
    if (item.kind === "test") checkTest(item, context, given);
  }
  for (const item of items) if (item.kind === "fixture") noteUnused(item, given, workshop);
}

function noteUnused(fixture: FixtureBlock, given: ReadonlySet<string>, workshop: Workshop): void {
  if (given.has(fixture.name.text)) return;
  workshop.diagnostics.warn(fixture.name, "W_UNUSED", `no test gives the fixture '${fixture.name.text}'`);
}

function checkEntries(entries: readonly FixtureEntry[], { workshop, attributes }: Context): void {
  const seen = new Set<string>();
  for (const { path, value } of entries) {
    const attribute = attributes.get(path.text);
    if (attribute === undefined || attribute.group === "decision") {
      workshop.diagnostics.error(path, "E_UNKNOWN_ATTR", `unknown attribute '${path.text}'`, suggest(path.text, attributes.keys()));
      continue;
    }
    if (seen.has(path.text)) workshop.diagnostics.error(path, "E_DUPLICATE", `'${path.text}' is given twice`);
    seen.add(path.text);
    if (value.kind === "unknown") continue;
    if (value.kind === "absent") {
      if (!attribute.optional)
        workshop.diagnostics.error(value.at, "E_VALUE", `'${path.text}' is not optional: it can be unknown, but not absent`);
      continue;
    }
    const read = readLiteral(value, typeOf(attribute));
    if (read.kind === "bad") workshop.diagnostics.error(value.at, "E_VALUE", `${read.why} for '${path.text}'`);
  }
}

function checkTest(test: TestBlock, context: Context, used: Set<string>): void {
  for (const part of test.given) {
    if (!("text" in part)) {
      checkEntries(part, context);
      continue;
    }
    used.add(part.text);
    expectName(part, context.fixtures, { what: "fixture", context });
  }
  if (test.expectations.length === 0) context.workshop.diagnostics.error(test.name, "E_VALUE", "this test expects nothing");
  for (const expectation of test.expectations) checkExpectation(expectation, context);
}

function checkExpectation(expectation: Expectation, context: Context): void {
  if (expectation.kind !== "expect") {
    if (!isAudience(expectation.audience.text)) expectName(expectation.audience, new Set(audiences), { what: "audience", context });
    for (const path of expectation.paths) checkPath(path, context);
    return;
  }
  expectName(expectation.outcome, new Set<string>(OUTCOMES), { what: "outcome", context });
  if (expectation.by) expectName(expectation.by, new Set([...context.rules, ...TIERS]), { what: "rule", context });
  if (expectation.breakGlass) expectName(expectation.breakGlass, context.scopes, { what: "break_glass", context });
  for (const path of expectation.becauseUnknown) checkPath(path, context);
}

function checkPath(path: Word, { workshop, attributes }: Context): void {
  if (!attributes.has(path.text))
    workshop.diagnostics.error(path, "E_UNKNOWN_ATTR", `unknown attribute '${path.text}'`, suggest(path.text, attributes.keys()));
}

function expectName(
  word: Word & Span,
  known: ReadonlySet<string>,
  { what, context }: { readonly what: string; readonly context: Context },
): void {
  if (!known.has(word.text))
    context.workshop.diagnostics.error(word, "E_UNKNOWN_NAME", `there is no ${what} '${word.text}'`, suggest(word.text, known));
}
