import { isCelError, run } from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileExpression, EvalError, LazyFrame, type Outcome, SlotTable, Unknown, type Value } from "./index.ts";
import { checkText, expressionTexts, valueOf, vocabulary } from "./random-expression.suite.ts";

/**
 * The same random programs on the same values in `@bufbuild/cel`, an engine that shares no line with ours. Where the two
 * differ on purpose:
 *
 * - int is ±(2^53−1) here and 64 bits there (so the random numbers are small; see below);
 * - characters beyond U+FFFF are one character here, and two halves there (so the random texts have none; see below);
 * - replacing the empty text puts the new one between all characters here, as in cel-go (random texts do not; see below);
 * - `int("")` and `int(" 1 ")` are errors here, as in cel-go, and numbers there (see below);
 * - a text or list that grows past our limits is an error here only (random ones stay small).
 */
const PORTABLE = [...vocabulary].filter(([path, { optional }]) => path.startsWith("a.") && path !== "a.age" && !optional);

const contexts = fc
  .tuple(...PORTABLE.map(([path, { type }]) => fc.tuple(fc.constant(path), valueOf(type))))
  .map((entries) => new Map<string, Value>(entries));

/** Numbers of theirs carry their type: a bigint is an int, a number a double. */
function toTheirs(path: string, value: Value): unknown {
  const type = vocabulary.get(path)?.type;
  if (type?.kind === "int") return BigInt(value as number);
  if (path === "a.ports") return (value as readonly number[]).map(BigInt);
  if (value instanceof Map) return new Map([...(value as ReadonlyMap<string, number>)].map(([key, number]) => [key, BigInt(number)]));
  return value;
}

function theirs(source: string, context: ReadonlyMap<string, Value>): unknown {
  const a = Object.fromEntries([...context].map(([path, value]) => [path.slice(2), toTheirs(path, value)]));
  const outcome: unknown = run(source, { a: new Map(Object.entries(a)) } as Parameters<typeof run>[1], { funcs: strings });
  return isCelError(outcome) ? "error" : outcome;
}

function ours(source: string, context: ReadonlyMap<string, Value>): Outcome | undefined {
  const checked = checkText(source);
  if (checked === undefined) return undefined;
  const table = new SlotTable();
  const evaluate = compileExpression(checked, table);
  return evaluate(new LazyFrame(table, (path) => context.get(path) ?? new Unknown([path])));
}

describe("beside @bufbuild/cel", () => {
  it("random programs come to the same, or to a documented difference", () => {
    let compared = 0;
    fc.assert(
      fc.property(expressionTexts({ portable: true }), contexts, (source, context) => {
        const own = ours(source, context);
        if (own === undefined) return;
        const other = theirs(source, context);
        compared += 1;
        expect(other).toBe(own instanceof EvalError ? "error" : own);
      }),
      { numRuns: 5_000 },
    );
    expect(compared).toBeGreaterThan(3_000);
  });

  it("a character beyond U+FFFF is one character for us, as the specification says, and two there", () => {
    expect(ours('"😀".charAt(0) == "😀"', new Map())).toBe(true);
    expect(theirs('"😀".charAt(0) == "😀"', new Map())).toBe(false);
  });

  it("a number past 2^53−1 is an overflow for us, and not yet there", () => {
    expect(ours("9007199254740991 + 1 > 0", new Map())).toBeInstanceOf(EvalError);
    expect(theirs("9007199254740991 + 1 > 0", new Map())).toBe(true);
  });

  it("an empty text is no number for us, as for cel-go, and is zero there", () => {
    expect(ours('int("") == 0', new Map())).toBeInstanceOf(EvalError);
    expect(theirs('int("") == 0', new Map())).toBe(true);
  });

  it("the empty text stands between all characters for us, as for cel-go, and only in front there", () => {
    expect(ours('"ab".replace("", "-") == "-a-b-"', new Map())).toBe(true);
    expect(theirs('"ab".replace("", "-") == "-a-b-"', new Map())).toBe(false);
  });
});
