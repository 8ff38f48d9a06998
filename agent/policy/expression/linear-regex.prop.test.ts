import fc from "fast-check";
import { RE2JS, RE2JSException } from "re2js";
import { describe, expect, it } from "vitest";
import { linearMatcher } from "./linear-regex.ts";

const re2 = (pattern: string): RE2JS | undefined => {
  try {
    return RE2JS.compile(pattern);
  } catch (cause) {
    if (cause instanceof RE2JSException) return undefined;
    throw cause;
  }
};

const piece = fc.constantFrom(
  "a",
  "b",
  "ab",
  ".",
  "\\.",
  "\\/",
  "[a-c]",
  "[^ab]",
  "[a-z0-9-]",
  "(?:a|b)",
  "(?:ab)?",
  "(a)",
  "|",
  "a?",
  "b*",
  "a+",
  "-",
  "/",
  "(",
  ")",
  "[",
  "]",
  "^",
  "$",
  "\\w",
  "{2}",
  "é",
);
const patterns = fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join(""));
const texts = fc.string({ unit: fc.constantFrom("a", "b", "c", "-", ".", "/", "\n", "\r", "é", "😀", "\ud83d"), maxLength: 8 });

describe("a plain regular expression", () => {
  it("answers as RE2 does, on every text", () => {
    let accepted = 0;
    fc.assert(
      fc.property(patterns, fc.array(texts, { minLength: 1, maxLength: 8 }), (pattern, samples) => {
        const native = linearMatcher(pattern);
        if (native === undefined) return;
        accepted += 1;
        const reference = re2(pattern);
        expect(reference, `RE2 refuses ${pattern}`).toBeDefined();
        for (const text of samples) expect(native(text), `${pattern} on ${JSON.stringify(text)}`).toBe(reference?.testExact(text));
      }),
      { numRuns: 4000 },
    );
    expect(accepted).toBeGreaterThan(500);
  });

  it.each(["\\/usr\\/(?:local\\/)?bin\\/[a-z0-9-]+", ".*\\.corp\\.example", "(?:git|ssh)-[0-9]+", "/opt/tool"])(
    "%s needs no RE2",
    (pattern) => {
      expect(linearMatcher(pattern)).toBeDefined();
    },
  );

  it.each(["(a+)+b", "a*a*", "(?:ab)*", "a{1000}", "\\w+", "a*?", "[[:alpha:]]", "(?i)a", "^a$", "a?a?a?a?a?a?", "\\pL"])(
    "%s stays with RE2",
    (pattern) => {
      expect(linearMatcher(pattern)).toBeUndefined();
    },
  );

  it("takes time that grows with the text alone", () => {
    const native = linearMatcher("(?:a|b)?(?:c|d)?[a-z]*x");
    const text = "a".repeat(1_000_000);
    const before = process.cpuUsage();
    expect(native?.(text)).toBe(false);
    expect(process.cpuUsage(before).user / 1000, "ms").toBeLessThan(1000);
  });
});
