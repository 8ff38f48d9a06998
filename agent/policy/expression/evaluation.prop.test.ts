import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  Absent,
  attributesOf,
  type CheckedExpression,
  compileExpression,
  EvalError,
  isTrouble,
  LazyFrame,
  necessaryHosts,
  createHostMatcher,
  type Outcome,
  parseHostPattern,
  SlotTable,
  Unknown,
} from "./index.ts";
import { checkText, expressionTexts, valueOf, vocabulary } from "./random-expression.suite.ts";

type Context = ReadonlyMap<string, Outcome | Absent>;

/** A value, or for an optional attribute its absence. */
const complete: fc.Arbitrary<Context> = fc
  .tuple(
    ...[...vocabulary].map(([path, { type, optional }]) =>
      fc.tuple(fc.constant(path), optional ? fc.oneof(valueOf(type), fc.constant(Absent.only)) : valueOf(type)),
    ),
  )
  .map((entries) => new Map<string, Outcome | Absent>(entries));

const names = fc.subarray([...vocabulary.keys()]);

const partly = fc.tuple(complete, names).map(([context, hidden]) => without(context, hidden));

function evaluate(checked: CheckedExpression, context: Context): Outcome {
  const table = new SlotTable();
  const condition = compileExpression(checked, table);
  return condition(new LazyFrame(table, (path) => context.get(path) ?? new Unknown([path])));
}

function without(context: Context, hidden: readonly string[]): Context {
  return new Map([...context].filter(([path]) => !hidden.includes(path)));
}

const expressions = expressionTexts({ portable: false });

describe("evaluation", () => {
  it("of what is known in part is never contradicted by what is found out later", () => {
    let checks = 0;
    let settled = 0;
    fc.assert(
      fc.property(expressions, complete, names, (source, context, hidden) => {
        const checked = checkText(source);
        if (checked === undefined) return;
        const early = evaluate(checked, without(context, hidden));
        const late = evaluate(checked, context);
        checks += 1;
        if (early instanceof Unknown) return;
        if (hidden.length > 0) settled += 1;
        if (early instanceof EvalError) expect(late).toBeInstanceOf(EvalError);
        else expect(late).toEqual(early);
      }),
      { numRuns: 5_000 },
    );
    expect(checks).toBeGreaterThan(3_500);
    expect(settled).toBeGreaterThan(500);
  });

  it("names among the unknown only attributes that it reads and that are unknown", () => {
    fc.assert(
      fc.property(expressions, complete, names, (source, context, hidden) => {
        const checked = checkText(source);
        const outcome = checked && evaluate(checked, without(context, hidden));
        if (checked === undefined || !(outcome instanceof Unknown)) return;
        const possible = attributesOf(checked).filter((path) => hidden.includes(path));
        expect(possible).toEqual(expect.arrayContaining([...outcome.attributes]));
        expect(new Set(outcome.attributes).size).toBe(outcome.attributes.length);
      }),
      { numRuns: 2_000 },
    );
  });

  it("of a complete context is a bool or an error, and the same each time", () => {
    fc.assert(
      fc.property(expressions, complete, (source, context) => {
        const checked = checkText(source);
        if (checked === undefined) return;
        const outcome = evaluate(checked, context);
        expect(typeof outcome === "boolean" || outcome instanceof EvalError).toBe(true);
        expect(evaluate(checked, context)).toEqual(outcome);
      }),
      { numRuns: 2_000 },
    );
  });

  it("does not depend on the order of the parts of and and or", () => {
    fc.assert(
      fc.property(fc.tuple(expressions, expressions), partly, fc.constantFrom("and", "or"), ([one, other], partial, word) => {
        const [forth, back] = [checkText(`(${one}) ${word} (${other})`), checkText(`(${other}) ${word} (${one})`)];
        if (forth === undefined || back === undefined) return;
        const [left, right] = [evaluate(forth, partial), evaluate(back, partial)];
        if (left instanceof Unknown && right instanceof Unknown) expect(new Set(left.attributes)).toEqual(new Set(right.attributes));
        else if (left instanceof EvalError) expect(right).toBeInstanceOf(EvalError);
        else expect(right).toEqual(left);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is false for every host outside the necessary patterns, whatever else is known", () => {
    let narrowed = 0;
    fc.assert(
      fc.property(expressions, expressions, complete, names, (one, other, context, hidden) => {
        const checked = checkText(`request.host in ["a.b", ".c.d"] and (${one}) or request.host.endsWith(".a.b") and (${other})`);
        const patterns = checked === undefined ? "any" : necessaryHosts(checked);
        if (checked === undefined || patterns === "any") return;
        narrowed += 1;
        const known = without(
          context,
          hidden.filter((path) => path !== "request.host"),
        );
        const host = known.get("request.host");
        const parsed = patterns.map(parseHostPattern).flatMap((pattern) => (pattern.kind === "pattern" ? [pattern.pattern] : []));
        if (typeof host !== "string" || createHostMatcher(parsed).matches(host)) return;
        expect(evaluate(checked, known)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
    expect(narrowed).toBeGreaterThan(700);
  });

  it("takes nothing for known that a throwing source could not read", () => {
    fc.assert(
      fc.property(expressions, (source) => {
        const checked = checkText(source);
        if (checked === undefined) return;
        const table = new SlotTable();
        const condition = compileExpression(checked, table);
        const outcome = condition(
          new LazyFrame(table, () => {
            throw new Error("the source broke");
          }),
        );
        const reads = attributesOf(checked).length > 0;
        expect(isTrouble(outcome) ? outcome instanceof EvalError : true).toBe(true);
        if (!reads && !isTrouble(outcome)) expect(typeof outcome).toBe("boolean");
      }),
      { numRuns: 500 },
    );
  });
});
