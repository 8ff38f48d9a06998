import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkExpression,
  type Expression,
  formatExpression,
  lex,
  MapEnvironment,
  parseExpression,
  parseWholeExpression,
  TokenStream,
} from "./index.ts";
import { expressionTexts, vocabulary } from "./random-expression.suite.ts";

const environment = new MapEnvironment(vocabulary);
const written = expressionTexts({ portable: false });

/** Well-formed texts with a few letters put in, taken out or exchanged. */
const mutated = fc
  .tuple(
    written,
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom(
          "",
          "(",
          ")",
          '"',
          "'",
          "/",
          "`",
          "\\",
          "?",
          " in ",
          "not",
          "0x",
          "15m",
          "\u0000",
          "é",
          "[",
          "{",
          "#",
          "=~ /",
          "'''",
        ),
        fc.nat({ max: 3 }),
      ),
      { minLength: 1, maxLength: 4 },
    ),
  )
  .map(([source, edits]) =>
    edits.reduce((text, [place, insert, remove]) => {
      const at = place % (text.length + 1);
      return text.slice(0, at) + insert + text.slice(at + remove);
    }, source),
  );
const anything = fc.oneof(fc.string({ unit: "binary", maxLength: 200 }), fc.string({ maxLength: 200 }), mutated);

/** Time that this process worked, so that a busy machine fails no test. */
function cpuMs(): number {
  return process.cpuUsage().user / 1000;
}

/** The quickest of three: a collector or a compiler that runs beside the first one is not the reader's work. */
function quickestMs(work: () => void): number {
  return Math.min(
    ...[1, 2, 3].map(() => {
      const start = cpuMs();
      work();
      return cpuMs() - start;
    }),
  );
}

function withoutPlaces(expression: Expression): unknown {
  return JSON.parse(
    JSON.stringify(expression, (key, value: unknown) =>
      key === "offset" || key === "length" ? undefined : Object.is(value, -0) ? "-0" : value,
    ),
  );
}

describe("any text", () => {
  it("is read without an exception, in time, and every mistake has a place in it", () => {
    fc.assert(
      fc.property(anything, (source) => {
        const start = cpuMs();
        const { expression, stream } = parseWholeExpression(source);
        const checked = expression && checkExpression(expression, environment);
        expect(cpuMs() - start).toBeLessThan(1000);
        const problems = checked?.kind === "refused" ? checked.problems : stream.problems;
        if (checked?.kind !== "checked") expect(problems.length).toBeGreaterThan(0);
        for (const { offset, length, message } of problems) {
          expect(offset).toBeGreaterThanOrEqual(0);
          expect(offset + length).toBeLessThanOrEqual(source.length);
          expect(message).not.toBe("");
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it("falls into tokens that are pieces of it, in order, with only blanks and comments between", () => {
    fc.assert(
      fc.property(anything, (source) => {
        const { tokens, comments } = lex(source);
        let end = 0;
        for (const piece of [...tokens, ...comments].toSorted((one, other) => one.offset - other.offset || one.length - other.length)) {
          expect(
            source
              .slice(end, piece.offset)
              .trim()
              .replaceAll(/[\u0000-\u0020]/g, ""),
          ).toBe("");
          expect(source.slice(piece.offset, piece.offset + piece.length)).toBe(piece.text);
          end = piece.offset + piece.length;
        }
        expect(end).toBe(source.length);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("formatting", () => {
  it("and parsing again gives the same tree, and formatting that the same text", () => {
    fc.assert(
      fc.property(fc.oneof(written, mutated), (source) => {
        const { expression } = parseWholeExpression(source);
        if (expression === undefined) return;
        const text = formatExpression(expression);
        const again = parseWholeExpression(text).expression;
        expect(again && withoutPlaces(again)).toEqual(withoutPlaces(expression));
        expect(again && formatExpression(again)).toBe(text);
      }),
      { numRuns: 5_000 },
    );
  });

  it("gives any string back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (value) => {
        const well = value.toWellFormed();
        const text = formatExpression({ kind: "string", value: well, offset: 0, length: 0 });
        expect(parseWholeExpression(text).expression).toMatchObject({ kind: "string", value: well });
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("a very large text", () => {
  const LARGE = 200_000;
  const cases: Readonly<Record<string, string>> = {
    "opening brackets": "(".repeat(LARGE),
    negations: "!".repeat(LARGE),
    "a long sum": `1${"+1".repeat(LARGE)}`,
    "a long path": `a${".b".repeat(LARGE)}`,
    "a long and": `true${" and true".repeat(LARGE)}`,
    "an open string": `"${"x".repeat(LARGE)}`,
    "an open triple string": `'''${"\\".repeat(LARGE)}`,
    "an open regex": `a =~ /${"x".repeat(LARGE)}`,
    "a long list": `[${"1,".repeat(LARGE)}]`,
    "a long number": "9".repeat(LARGE),
    "a long duration": "1h".repeat(LARGE),
    "nested conditionals": "true ? true : ".repeat(LARGE),
    "default chain": "a ?? ".repeat(LARGE),
    "quotes in a row": "`".repeat(LARGE),
    comments: "#\n".repeat(LARGE),
  };
  for (const [name, source] of Object.entries(cases)) {
    it(`of ${name} is answered within 200 ms`, () => {
      const read = () => {
        const expression = parseExpression(new TokenStream(source));
        return expression && checkExpression(expression, environment);
      };
      expect(quickestMs(read)).toBeLessThan(200);
      expect(read()?.kind).not.toBe("checked");
    });
  }
});
