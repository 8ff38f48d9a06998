import { describe, expect, it } from "vitest";
import {
  Absent,
  checkExpression,
  compileExpression,
  EvalError,
  LazyFrame,
  listOf,
  MapEnvironment,
  type Outcome,
  parseWholeExpression,
  SlotTable,
  type Type,
  types,
  Unknown,
  type Value,
} from "./index.ts";

/** t and f are known, u and v unknown, `e` stands for an error; o is optional and absent, p optional and unknown. */
const attributes: ReadonlyMap<string, readonly [Type, boolean, Value | Absent | undefined]> = new Map([
  ["t", [types.bool, false, true]],
  ["f", [types.bool, false, false]],
  ["u", [types.bool, false, undefined]],
  ["v", [types.bool, false, undefined]],
  ["n", [types.int, false, undefined]],
  ["list", [listOf(types.int), false, [0, 1, 2]]],
  ["lost", [listOf(types.int), false, undefined]],
  ["o", [types.string, true, Absent.only]],
  ["p", [types.string, true, undefined]],
  ["q", [types.string, true, "there"]],
]);
const environment = new MapEnvironment([...attributes].map(([name, [type, optional]]) => [name, { type, optional }]));

function evaluate(source: string): Outcome {
  const { expression } = parseWholeExpression(source.replaceAll(/\be\b/g, "(1 / 0 == 1)"));
  const result = expression && checkExpression(expression, environment);
  if (result?.kind !== "checked") throw new Error(`${source}: ${JSON.stringify(result)}`);
  const table = new SlotTable();
  const condition = compileExpression(result.checked, table);
  return condition(new LazyFrame(table, (path) => attributes.get(path)?.[2] ?? new Unknown([path])));
}

/** As short as a truth table: a value, `error`, or the unknown names. */
function brief(outcome: Outcome): unknown {
  if (outcome instanceof EvalError) return "error";
  return outcome instanceof Unknown ? outcome.attributes.join(" ") : outcome;
}

const vectors: readonly (readonly [string, unknown])[] = [
  ["t and u", "u"],
  ["f and u", false],
  ["u and f", false],
  ["u and v", "u v"],
  ["u and u", "u"],
  ["u and e", "u"],
  ["e and u", "u"],
  ["e and f", false],
  ["f and e", false],
  ["e and t", "error"],
  ["e and e", "error"],
  ["t or u", true],
  ["u or t", true],
  ["f or u", "u"],
  ["u or e", "u"],
  ["e or t", true],
  ["e or f", "error"],
  ["u and v and f", false],
  ["e and u and t", "u"],
  ["u or v or t", true],
  ["u or e or v", "u v"],
  ["not u", "u"],
  ["not e", "error"],
  ["u ? t : f", "u"],
  ["e ? t : f", "error"],
  ["t ? u : e", "u"],
  ["f ? u : e", "error"],
  ["u == v", "u v"],
  ["u == e", "error"],
  ["n > 3", "n"],
  ["n + 1 / 0 > 3", "error"],
  ["n in list", "n"],
  ["1 in lost", "lost"],
  ["n in lost", "n lost"],
  ["n in [1, 2]", "n"],
  ["list.exists(x, x == 1 or u)", true],
  ["list.exists(x, x == 9 or u)", "u"],
  ["list.all(x, x < 1 and u)", false],
  ["list.all(x, x < 9 and u)", "u"],
  ["list.exists(x, 1 / x == 1)", true],
  ["list.all(x, 1 / x == 5)", false],
  ["list.all(x, 1 / x <= 1)", "error"],
  ["list.exists(x, 1 / x > 1 or u)", "u"],
  ["list.exists_one(x, x == 1 or u)", "u"],
  ["list.filter(x, x == 1 or u) == [1]", "u"],
  ["list.map(x, 1 / x) == [1]", "error"],
  ["list.map(x, n) == [1]", "n"],
  ["lost.exists(x, x == 1)", "lost"],
  ["list[n] == 1", "n"],
  ["list[7] == 1", "error"],
  ["lost[1 / 0] == 1", "error"],
  ["has(o)", false],
  ["has(p)", "p"],
  ["has(q)", true],
  ["(o ?? 'x') == 'x'", true],
  ["(p ?? 'x') == 'x'", "p"],
  ["(q ?? 'x') == 'there'", true],
  ["has(o) and o == 'x'", false],
  ["has(p) and p == 'x'", "p"],
  ["not has(o) or o == 'x'", true],
  ["o ?? p ?? 'x' == 'x'", "p"],
  ["o ?? q ?? 'x' == 'there'", true],
];

describe("what is unknown, absent or an error", () => {
  for (const [source, outcome] of vectors) {
    it(`makes ${source} ${String(outcome)}`, () => {
      expect(brief(evaluate(source))).toEqual(outcome);
    });
  }

  it("is asked for once in a decision, and only when it is needed", () => {
    const asked: string[] = [];
    const { expression } = parseWholeExpression("(f and u) or (f and v) or t and t");
    const result = expression && checkExpression(expression, environment, types.bool);
    if (result?.kind !== "checked") throw new Error("refused");
    const table = new SlotTable();
    const condition = compileExpression(result.checked, table);
    const outcome = condition(
      new LazyFrame(table, (path) => {
        asked.push(path);
        return path === "t";
      }),
    );
    expect(outcome).toBe(true);
    expect(asked).toEqual(["f", "t"]);
  });
});
