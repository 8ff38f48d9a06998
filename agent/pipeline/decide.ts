import { type FailureCode, type Request, undecidable, type Verdict } from "../connection/index.ts";
import { judge, retarget } from "./judge.ts";
import type { HoldAnswer } from "./ports.ts";
import { type Allowed, type No, no, type Walk } from "./walk.ts";

/**
 * Find the verdict in force and leave it in the journey: judge, hold if the person must act and judge again, and judge once more on the
 * target if a rule rewrites it. Never throws for anything that judging does.
 */
export async function decide(walk: Walk): Promise<Allowed | No> {
  const { journey } = walk;
  let verdict = await judgeInto(walk, journey.request);
  if (verdict.outcome !== "allow" && verdict.ask !== undefined && verdict.ask.holdMs > 0) {
    const held = await hold(walk, verdict.ask);
    if (held !== undefined) return held;
    verdict = await judgeInto(walk, journey.request);
  }
  if (verdict.outcome !== "allow") return no(codeOfDenial(verdict));
  if (verdict.rewrite === undefined) return { kind: "allowed", verdict, target: journey.request };
  return decideRewritten(walk, verdict.rewrite);
}

async function judgeInto({ journey, ports }: Walk, request: Request): Promise<Verdict> {
  const { verdict, facts } = await judge(request, ports);
  journey.verdict = verdict;
  journey.facts = facts;
  return verdict;
}

/** Park until the person acted. Returns why the connection goes no further, if it does not. */
async function hold({ journey, ports }: Walk, ask: NonNullable<Verdict["ask"]>): Promise<No | undefined> {
  journey.enter("held");
  let answer: HoldAnswer;
  try {
    answer = await ports.hold(journey, ask, journey.leash);
  } catch {
    return no("INTERNAL");
  }
  if (journey.leash.code !== undefined) return no(journey.leash.code);
  if (answer.kind === "refuse") return no("POLICY_HOLD_EXPIRED", answer.detail);
  journey.enter("judging");
  return undefined;
}

/**
 * The rule that allows the target is the one in force; where the connection goes is still the first rule's doing. SECURITY: a target
 * that would be rewritten again is not followed, because no rule has allowed where that leads.
 */
async function decideRewritten(walk: Walk, rewrite: NonNullable<Verdict["rewrite"]>): Promise<Allowed | No> {
  const target = retarget(walk.journey.request, rewrite);
  let verdict = await judgeInto(walk, target);
  const again = verdict.rewrite;
  if (again !== undefined && (again.host !== rewrite.host || again.port !== rewrite.port)) {
    verdict = { ...undecidable(walk.ports.policyDigest), rule: { kind: "built-in", name: "rewritten-twice" } };
  } else {
    verdict = { ...verdict, rewrite };
  }
  walk.journey.verdict = verdict;
  return verdict.outcome === "allow" ? { kind: "allowed", verdict, target } : no(codeOfDenial(verdict));
}

export function codeOfDenial(verdict: Verdict): FailureCode {
  switch (verdict.outcome) {
    case "redirect":
      return "POLICY_REDIRECT";
    case "step_up":
      return "POLICY_STEP_UP";
    case "challenge":
      return "POLICY_CHALLENGE";
    case "deny":
    case "allow":
      return verdict.rule.kind === "built-in" ? "POLICY_UNDECIDABLE" : "POLICY_DENIED";
  }
}
