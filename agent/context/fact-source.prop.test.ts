import fc from "fast-check";
import { expect, test } from "vitest";
import { type Freshness, judgeReading } from "./fact-source.ts";
import { fixedFacts, parseSettings } from "./fixed-facts.ts";

const span = fc.option(fc.nat(10_000), { nil: undefined });
const freshness: fc.Arbitrary<Freshness> = fc.record({
  maxAgeMs: span,
  staleMs: span,
  fallback: fc.option(fc.integer(), { nil: undefined }),
});

test("a value is fresh, then stale only while its source is silent, then unknown or assumed", () => {
  fc.assert(
    fc.property(freshness, fc.integer({ min: -10, max: 30_000 }), fc.boolean(), (rule, ageMs, isSourceSilent) => {
      const fact = judgeReading({ value: "v", source: "s", readAt: 0, isSourceSilent }, rule, ageMs);
      const maxAge = rule.maxAgeMs ?? Number.POSITIVE_INFINITY;
      if (ageMs >= 0 && ageMs <= maxAge) expect(fact).toEqual({ kind: "known", value: "v", source: "s", ageMs });
      else if (ageMs >= 0 && isSourceSilent && ageMs < maxAge + (rule.staleMs ?? 0))
        expect(fact).toMatchObject({ kind: "known", value: "v", stale: true });
      else if (rule.fallback === undefined) expect(fact).toMatchObject({ kind: "unknown", pending: !isSourceSilent });
      else expect(fact).toEqual({ kind: "known", value: rule.fallback, assumed: true });
    }),
  );
});

test("what was never read is pending, or assumed", () => {
  expect(judgeReading(undefined, {}, 0)).toMatchObject({ kind: "unknown", pending: true });
  expect(judgeReading(undefined, { fallback: 50 }, 0)).toEqual({ kind: "known", value: 50, assumed: true });
});

test("given facts win, the rest follows, and nothing is made up", () => {
  const rest = fixedFacts(new Map([["b", { kind: "absent" } as const]]));
  const facts = fixedFacts(new Map([["a", { kind: "known", value: 1 } as const]]), rest);
  expect(facts.read("a")).toEqual({ kind: "known", value: 1 });
  expect(facts.read("b")).toEqual({ kind: "absent" });
  expect(facts.read("c")).toMatchObject({ kind: "unknown" });
});

test("settings are read by their type; `unknown` and `absent` mean that; mistakes name the setting", () => {
  const parse = (_attribute: string, text: string) => (/^\d+$/.test(text) ? { value: Number(text) } : { problem: "is not a number" });
  const { facts, problems } = parseSettings(
    { "risk.score": " 80 ", "geo.country": "unknown", "request.sni": "absent", "client.uid": "x" },
    parse,
  );
  expect(facts.get("risk.score")).toEqual({ kind: "known", value: 80, source: "given" });
  expect(facts.get("geo.country")).toMatchObject({ kind: "unknown" });
  expect(facts.get("request.sni")).toEqual({ kind: "absent" });
  expect(problems).toEqual(["client.uid=x: is not a number"]);
});
