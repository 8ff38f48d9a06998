import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadPolicy, runTests } from "./index.ts";
import { anyNumber, sha256 } from "./policy.suite.ts";

const agency = readFileSync("resources/policies/agency.portail", "utf8");
const small = readFileSync("resources/policies/small.portail", "utf8");
const options = { file: "x.portail", hash: sha256 };

const token = fc.constantFrom(
  ..."policy guard when require else allow deny { } [ ] ( ) , : = \" ' # / \\ . and or not in has unknown 15m 9999999999999999999 =~ ?? 1e400 reveal test given expect constructor __proto__ \u0000 \uD800 é 💥".split(
    " ",
  ),
);

/** A text that was damaged: pieces cut out, doubled, or replaced by words of the language and by rubbish. */
const mutated = fc
  .tuple(
    fc.constantFrom(agency, small),
    fc.array(fc.tuple(fc.nat(20_000), fc.nat(60), fc.oneof(token, fc.string({ unit: "binary", maxLength: 8 }), fc.constant(""))), {
      minLength: 1,
      maxLength: 6,
    }),
  )
  .map(([text, edits]) =>
    edits.reduce((damaged, [at, length, put]) => {
      const from = at % (damaged.length + 1);
      return damaged.slice(0, from) + put + damaged.slice(from + length);
    }, text),
  );

/** Either a policy, or problems with places inside the text; quickly in any case. */
function checkLoad(text: string | Uint8Array): void {
  const start = performance.now();
  const { policy, problems } = loadPolicy(text, options);
  if (policy !== undefined) runTests(policy);
  const errors = problems.filter((problem) => problem.severity === "error");
  expect(policy === undefined).toBe(errors.length > 0);
  const lines = typeof text === "string" ? text.split("\n").length : Number.POSITIVE_INFINITY;
  for (const problem of problems) {
    expect(problem.line).toBeGreaterThan(0);
    expect(problem.line).toBeLessThanOrEqual(lines);
    expect(problem.column).toBeGreaterThan(0);
    expect(problem.message).not.toBe("");
    expect(problem.excerpt).toContain("^");
  }
  expect(performance.now() - start).toBeLessThan(2000);
}

describe("loading damaged text", () => {
  it("any mutated example is a policy or a list of problems with places", () => {
    fc.assert(fc.property(mutated, checkLoad), { numRuns: 600 });
  });

  it("any text and any bytes are answered", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 400 }), checkLoad), { numRuns: 300 });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), checkLoad), { numRuns: 300 });
    const words = fc.array(token, { maxLength: 80 }).map((parts) => `portail policy 1\n${parts.join(" ")}`);
    fc.assert(fc.property(words, checkLoad), { numRuns: 300 });
  });

  it("the JSON of the tree is the same whatever follows a whole text", () => {
    const { policy } = loadPolicy(`${small}\n# end`, options);
    expect(policy?.rules).toEqual(loadPolicy(small, options).policy?.rules);
  });
});

const deep = (open: string, close: string, times: number): string =>
  `portail policy 1\npolicy p { when ${open.repeat(times)}true${close.repeat(times)} allow }`;

describe("loading hostile text", () => {
  it.each([
    ["deep brackets", deep("(", ")", 100_000)],
    ["deep negation", deep("not ", "", 100_000)],
    ["deep lists", `portail policy 1\nfixture f { user.groups: ${"[".repeat(100_000)} }`],
    ["a long sum", `portail policy 1\npolicy p { when 1 ${"+ 1 ".repeat(100_000)} > 0 allow }`],
    ["an open string", `portail policy 1\npolicy p { when "${"a".repeat(1_000_000)}`],
    ["eight million letters and one", `portail policy 1\n${" ".repeat(8 * 1024 * 1024)}`],
    ["a million rules", `portail policy 1\n${"policy p { allow }\n".repeat(1_000_000)}`],
    ["rubbish without end", `portail policy 1\n${"} ".repeat(1_000_000)}`],
    ["only letters", "a".repeat(5_000_000)],
    [
      "a costly condition",
      "portail policy 1\npolicy p { when user.groups.all(a, user.groups.all(b, user.amr.all(c, a == b and b == c))) allow }",
    ],
    ["broken UTF-8", new Uint8Array([112, 111, 0xff, 0xfe, 10])],
  ])("%s is refused with a place", (_, text) => {
    const start = performance.now();
    const { policy, problems } = loadPolicy(text, options);
    const took = performance.now() - start;
    expect(policy).toBeUndefined();
    expect(problems[0]).toMatchObject({ severity: "error", line: anyNumber, column: anyNumber });
    expect(problems.length).toBeLessThanOrEqual(100);
    // The promise is 200 ms; machines that run many tests at once get more.
    expect(took).toBeLessThan(1500);
  });
});
