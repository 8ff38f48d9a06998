import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide, explain, loadPolicy } from "./index.ts";
import { HostIndex } from "./host-index.ts";
import { readLinearly } from "./linear-evaluator.suite.ts";
import { loadOk, sha256 } from "./policy.suite.ts";
import { condition, factsOfTotal, randomPolicy, someAttributes, textOf, total, WORLD } from "./random-policy.suite.ts";
import { isStricter } from "./strictness.ts";

const runs = { numRuns: 400 };

describe("decisions over random policies", () => {
  it("with everything known the verdict is the plain reading of the rules", () => {
    fc.assert(
      fc.property(randomPolicy, total, (random, world) => {
        const text = textOf(random);
        const { verdict } = decide(loadOk(text), factsOfTotal(world));
        const { outcome, backends } = readLinearly(text, world);
        expect({ outcome: verdict.outcome, backends: verdict.backends }).toEqual({ outcome, backends });
        expect(verdict.mayApply).toBeUndefined();
      }),
      runs,
    );
  });

  it("knowing less never gives more", () => {
    fc.assert(
      fc.property(randomPolicy, total, someAttributes, someAttributes, (random, world, less, more) => {
        const policy = loadOk(textOf(random));
        const unknown = new Set([...less, ...more]);
        const before = decide(policy, factsOfTotal(world, unknown)).verdict.outcome;
        const after = decide(policy, factsOfTotal(world, more)).verdict.outcome;
        const full = decide(policy, factsOfTotal(world)).verdict.outcome;
        expect(isStricter(after, before), `${before} became ${after}`).toBe(false);
        expect(isStricter(full, after), `${after} became ${full}`).toBe(false);
      }),
      runs,
    );
  });

  it("the order of guards does not matter", () => {
    fc.assert(
      fc.property(randomPolicy, total, someAttributes, (random, world, unknown) => {
        const facts = factsOfTotal(world, unknown);
        const one = decide(loadOk(textOf(random)), facts).verdict;
        const turned = decide(loadOk(textOf({ ...random, guards: random.guards.toReversed() })), facts).verdict;
        expect(turned.outcome).toBe(one.outcome);
        expect(turned.rule.name).toBe(one.rule.name);
        expect(new Set(turned.ask?.asks)).toEqual(new Set(one.ask?.asks));
      }),
      runs,
    );
  });

  it("removing the index changes nothing", () => {
    fc.assert(
      fc.property(randomPolicy, total, someAttributes, (random, world, unknown) => {
        const policy = loadOk(textOf(random));
        const { guards, policies, routes } = policy.program;
        const all = (rules: readonly unknown[]): HostIndex => new HostIndex(rules.map(() => undefined));
        const program = { ...policy.program, guardIndex: all(guards), policyIndex: all(policies), routeIndex: all(routes) };
        const facts = factsOfTotal(world, unknown);
        const { examined: _one, ...indexed } = decide(policy, facts).verdict;
        const { examined: _other, ...plain } = decide({ ...policy, program }, facts).verdict;
        expect(indexed).toEqual(plain);
      }),
      runs,
    );
  });

  it("asking for nothing more is final: whatever is still pending, the outcome stays", () => {
    fc.assert(
      fc.property(randomPolicy, total, someAttributes, (random, world, pending) => {
        const policy = loadOk(textOf(random));
        const facts = factsOfTotal(world, pending);
        const partial = decide(policy, {
          read: (attribute) => (pending.has(attribute) ? { kind: "unknown", why: "pending", pending: true } : facts.read(attribute)),
        });
        for (const attribute of partial.wanted) expect(pending).toContain(attribute);
        if (partial.wanted.length === 0) expect(partial.verdict.outcome).toBe(decide(policy, factsOfTotal(world)).verdict.outcome);
      }),
      runs,
    );
  });

  it("deciding twice gives the same verdict", () => {
    fc.assert(
      fc.property(randomPolicy, total, someAttributes, (random, world, unknown) => {
        const policy = loadOk(textOf(random));
        expect(decide(policy, factsOfTotal(world, unknown))).toEqual(decide(policy, factsOfTotal(world, unknown)));
      }),
      { numRuns: 100 },
    );
  });

  it("a condition that is indexed by hosts is false for every other host", () => {
    fc.assert(
      fc.property(condition, total, someAttributes, (when, world, unknown) => {
        const text = `portail policy 1\nguard g { when ${when} deny }\npolicy p { allow }`;
        const facts = factsOfTotal(world, new Set([...unknown].filter((attribute) => attribute !== "request.host")));
        const policy = loadOk(text);
        const program = { ...policy.program, guardIndex: new HostIndex([undefined]) };
        expect(decide(policy, facts).verdict.outcome).toBe(decide({ ...policy, program }, facts).verdict.outcome);
      }),
      runs,
    );
  });
});

describe("remedies over random policies", () => {
  it("satisfying the stated remedy flips the decision", () => {
    let stated = 0;
    fc.assert(
      fc.property(randomPolicy, total, (random, world) => {
        const policy = loadOk(textOf(random));
        const { remedy, outcome } = explain(policy, factsOfTotal(world));
        if (remedy === undefined) return;
        stated += 1;
        expect(outcome).not.toBe("allow");
        const asCondition = loadPolicy(`portail policy 1\npolicy remedy { when ${remedy} allow }`, { file: "r", hash: sha256 }).policy;
        expect(asCondition, `the remedy is a condition of the language: ${remedy}`).toBeDefined();
        if (asCondition === undefined) return;
        // The remedy does not hold now, and among the worlds that differ in what it names there is one where it does and all is allowed.
        const named = Object.keys(WORLD).filter((attribute) => remedy.includes(attribute) && attribute !== "request.host");
        const flips = worldsAround(world, named).some(
          (other) =>
            decide(asCondition, factsOfTotal(other)).verdict.outcome === "allow" &&
            decide(policy, factsOfTotal(other)).verdict.outcome === "allow",
        );
        expect(flips, remedy).toBe(true);
      }),
      { numRuns: 1000 },
    );
    expect(stated).toBeGreaterThan(50);
  });
});

/** Every world that differs only in the named attributes. */
function worldsAround(world: Parameters<typeof factsOfTotal>[0], names: readonly string[]): Parameters<typeof factsOfTotal>[0][] {
  const [first, ...rest] = names;
  if (first === undefined) return [world];
  return (WORLD[first] ?? []).flatMap((value) => worldsAround({ ...world, [first]: value }, rest));
}
