import { describe, expect, it } from "vitest";
import type { Fact, Facts } from "../../connection/index.ts";
import {
  admitValue,
  checkExpression,
  compileExpression,
  createFactFrame,
  type Evaluate,
  limits,
  listOf,
  MapEnvironment,
  mapOf,
  parseWholeExpression,
  SlotTable,
  types,
  Unknown,
} from "./index.ts";

const environment = new MapEnvironment([
  ["numbers", { type: listOf(types.int), optional: false }],
  ["host", { type: types.host, optional: false }],
  ["ip", { type: types.ip, optional: true }],
  ["flag", { type: types.bool, optional: false }],
]);

function compile(source: string, table: SlotTable): Evaluate {
  const { expression } = parseWholeExpression(source);
  const result = expression && checkExpression(expression, environment);
  if (result?.kind !== "checked") throw new Error(`${source}: ${JSON.stringify(result)}`);
  return compileExpression(result.checked, table);
}

function addLet(name: string, source: string): void {
  const { expression } = parseWholeExpression(source);
  const result = expression && checkExpression(expression, environment);
  if (result?.kind !== "checked") throw new Error(`${source}: ${JSON.stringify(result)}`);
  environment.lets.set(name, result.checked);
}

/** Facts from a list, counting how often each is read. */
function factsOf(entries: Readonly<Record<string, Fact>>): { readonly facts: Facts; readonly reads: string[] } {
  const reads: string[] = [];
  const read = (attribute: string): Fact => {
    reads.push(attribute);
    return entries[attribute] ?? { kind: "unknown", why: "nobody provides it" };
  };
  return { facts: { read }, reads };
}

addLet("big", "numbers.exists(x, x > 2)");
addLet("both", "big and numbers.all(x, x > 0 and big)");

describe("a let", () => {
  it("used inside macros keeps its variables apart from theirs", () => {
    const table = new SlotTable();
    const condition = compile("numbers.filter(x, both and x < 3 and numbers.exists(y, y == x)).size() == 2", table);
    const { facts } = factsOf({ numbers: { kind: "known", value: [1, 2, 3] } });
    expect(condition(createFactFrame(table, facts, (path) => environment.attribute(path)))).toBe(true);
  });

  it("is computed once in a decision, for all rules that use it", () => {
    const table = new SlotTable();
    const conditions = ["both", "both or flag", "not both"].map((source) => compile(source, table));
    const { facts, reads } = factsOf({ numbers: { kind: "known", value: [1, 2, 3] } });
    const frame = createFactFrame(table, facts, (path) => environment.attribute(path));
    expect(conditions.map((condition) => condition(frame))).toEqual([true, true, false]);
    expect(reads).toEqual(["numbers"]);
  });

  it("inside a macro costs one step, and its own cost once", () => {
    const costOf = (source: string): number => {
      const { expression } = parseWholeExpression(source);
      const result = expression && checkExpression(expression, environment);
      return result?.kind === "checked" ? result.checked.cost : Number.NaN;
    };
    expect(costOf("numbers.all(x, big)") - costOf("numbers.all(x, true)")).toBe(costOf("big") - 1 + limits.assumedEntries);
    expect(costOf("big and big") - costOf("big")).toBe(2);
  });

  it("takes none of the names that a macro gives its variables", () => {
    const { expression } = parseWholeExpression("numbers.exists(big, big == 2)");
    expect(expression && checkExpression(expression, environment).kind).toBe("checked");
  });
});

describe("a fact", () => {
  const read = (attribute: string, fact: Fact, source: string): unknown => {
    const table = new SlotTable();
    const condition = compile(source, table);
    return condition(createFactFrame(table, factsOf({ [attribute]: fact }).facts, (path) => environment.attribute(path)));
  };

  it("of another type than declared is unknown, under its name", () => {
    expect(read("flag", { kind: "known", value: "true" }, "flag")).toEqual(new Unknown(["flag"]));
    expect(read("numbers", { kind: "known", value: [1, "2"] }, "1 in numbers")).toEqual(new Unknown(["numbers"]));
    expect(read("numbers", { kind: "known", value: [1.5] }, "1 in numbers")).toEqual(new Unknown(["numbers"]));
    expect(read("host", { kind: "known", value: "not a host" }, 'host == "a.b"')).toEqual(new Unknown(["host"]));
  });

  it("that may not be absent and is absent is unknown", () => {
    expect(read("flag", { kind: "absent" }, "flag")).toEqual(new Unknown(["flag"]));
    expect(read("ip", { kind: "absent" }, "has(ip)")).toBe(false);
    expect(read("ip", { kind: "unknown", why: "no answer" }, "has(ip)")).toEqual(new Unknown(["ip"]));
  });

  it("is compared in its canonical spelling", () => {
    expect(read("host", { kind: "known", value: "GIT.Corp.Example." }, 'host == "git.corp.example"')).toBe(true);
    expect(read("ip", { kind: "known", value: "::ffff:10.1.2.3" }, 'has(ip) and ip in ["10.0.0.0/8"]')).toBe(true);
  });

  it("with more entries than the limit is unknown rather than cut", () => {
    const many = Array.from({ length: limits.builtEntries + 1 }, () => 1);
    expect(read("numbers", { kind: "known", value: many }, "1 in numbers")).toEqual(new Unknown(["numbers"]));
  });

  it("is admitted only as what it is declared to be", () => {
    const map = new Map([["a", ["b"]]]);
    expect(admitValue(mapOf(types.string, listOf(types.string)), map)).toEqual(map);
    expect(admitValue(mapOf(types.string, types.int), map)).toBeUndefined();
    expect(admitValue(types.int, Number.NaN)).toBeUndefined();
    expect(admitValue(types.version, "v14.2")).toBe("14.2");
    expect(admitValue(types.version, "new")).toBeUndefined();
    expect(admitValue(types.bool, 1)).toBeUndefined();
  });
});

describe("an evaluation", () => {
  it("runs where generating code is forbidden", () => {
    expect(() => Reflect.construct(Function, ["return 1"])).toThrow(EvalError);
  });
});
