import { decide } from "./decide.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { givenFacts } from "./given-facts.ts";
import type { Policy } from "./policy.ts";
import { policyLimits } from "./policy-limits.ts";

/**
 * A lifeline must hold in every situation. With everything but its own host and port unknown, "allow" means allow whatever the rest
 * turns out to be: that is what "knowing less never gives more" is good for.
 */
export function proveLifelines(policy: Policy, diagnostics: Diagnostics): void {
  const [, ...beyond] = policy.lifelines.slice(policyLimits.lifelines - 1);
  for (const { at } of beyond) diagnostics.error(at, "E_LIFELINE", `a policy has at most ${policyLimits.lifelines} lifelines`);
  for (const { name, host, port, at } of policy.lifelines) {
    const facts = givenFacts(
      new Map([
        ["request.host", { kind: "known", value: host }],
        ["request.port", { kind: "known", value: port }],
      ]),
    );
    const { verdict } = decide(policy, facts);
    if (verdict.outcome === "allow") continue;
    diagnostics.error(
      at,
      "E_LIFELINE_CUT",
      `the guard '${verdict.rule.name}' (line ${verdict.rule.line ?? 0}) could cut the lifeline '${name}'`,
      "a guard marked 'always' must be plainly false for the lifeline's host and port",
    );
  }
}
