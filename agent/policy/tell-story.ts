import type { Facts, Verdict } from "../connection/index.ts";
import type { Explanation, RequirementView } from "../contract/index.ts";
import { factsBehind, type ShownFact, sourceText } from "./condition-source.ts";
import type { Judgement } from "./decide.ts";
import type { Remedy } from "./find-remedy.ts";
import { type Candidate, type State, stateOf } from "./judge-rule.ts";
import type { Policy } from "./policy.ts";
import type { CompiledCondition, CompiledPolicy } from "./program.ts";

/** Everything about one decision, before anything is left out and before it is text. */
export interface Story extends Omit<Explanation, "text"> {
  /** The condition of the deciding rule; a default denial has none. */
  readonly condition?: { readonly text: string; readonly state: State; readonly facts: readonly ShownFact[] };
  /** What the outcome asks for or offers: `step up amr hwk`, `go to https://…`. */
  readonly directions: readonly string[];
  /** The rule that would allow with the remedy, when none applies now. */
  readonly nearest?: Explanation["rule"];
}

export interface Told {
  readonly judgement: Judgement;
  readonly facts: Facts;
  readonly verdict: Verdict;
  readonly remedy: Remedy | undefined;
  readonly incident: string | undefined;
}

export function tellStory({ judgement, facts, verdict, remedy, incident }: Told): Story {
  const { policy, frame } = judgement;
  const condition = conditionOf(policy, verdict.rule);
  const selected = selectedPolicy(judgement, verdict);
  return {
    outcome: verdict.outcome,
    rule: verdict.rule,
    host: frame.host() ?? "",
    port: frame.port() ?? 0,
    ...(incident !== undefined && { incident }),
    ...(verdict.say !== undefined && { say: verdict.say }),
    ...(verdict.help !== undefined && { help: verdict.help }),
    requirements: selected === undefined ? [] : viewRequirements(selected, { judgement, facts }),
    others: judgement.candidates
      .filter((candidate) => candidate.rule !== verdict.rule && candidate.rule.kind !== "default")
      .map((candidate) => viewOther(policy, candidate)),
    unknown: [...verdict.unknown],
    ...(remedy && { remedy: remedy.text }),
    ...(remedy?.nearest && { nearest: remedy.nearest }),
    backends: [...verdict.backends],
    examined: verdict.examined,
    rules: verdict.rules,
    policyDigest: verdict.policyDigest,
    directions: directionsOf(verdict),
    ...(condition && {
      condition: {
        text: sourceText(policy, condition.at),
        state: conditionState(stateOf(condition, frame, new Set()), verdict),
        facts: factsBehind(policy, facts, condition),
      },
    }),
  };
}

function directionsOf({ redirect, rewrite, ask }: Verdict): readonly string[] {
  return [
    ...(redirect === undefined ? [] : [`go to ${redirect}`]),
    ...(rewrite === undefined ? [] : [`goes to ${rewrite.host}:${rewrite.port} instead`]),
    ...(ask?.asks.map(({ what, value }) => `${ask.kind.replace("_", " ")}: ${what}${value === undefined ? "" : ` ${value}`}`) ?? []),
  ];
}

/** A rule whose `when` holds still only may apply while an `else next` of it is unknown. */
function conditionState(state: State, verdict: Verdict): State {
  return state === "true" && verdict.mayApply === true ? "unknown" : state;
}

function conditionOf(policy: Policy, rule: Verdict["rule"]): CompiledCondition | undefined {
  const { guards, policies, breakGlass } = policy.program;
  if (rule.kind === "break_glass") return breakGlass.get(rule.name)?.when;
  if (rule.kind === "guard") return guards.find((guard) => guard.rule === rule)?.when;
  return rule.kind === "policy" ? policies.find((candidate) => candidate.rule === rule)?.when : undefined;
}

/** The policy whose requirements are told: the one that decides, or the one that was surely selected beside a guard. */
function selectedPolicy({ policy, candidates }: Judgement, verdict: Verdict): CompiledPolicy | undefined {
  const { policies } = policy.program;
  const selected = candidates.find((candidate) => candidate.certain && candidate.rule.kind === "policy");
  const rule = verdict.rule.kind === "policy" ? verdict.rule : selected?.rule;
  return policies.find((candidate) => candidate.rule === rule);
}

function viewRequirements(policy: CompiledPolicy, { judgement, facts }: { judgement: Judgement; facts: Facts }): RequirementView[] {
  return policy.requirements.map(({ label, line, condition, otherwise }) => ({
    label,
    line,
    state: stateOf(condition, judgement.frame, new Set()),
    else: otherwise.outcome,
    text: sourceText(judgement.policy, condition.at),
    facts: [...factsBehind(judgement.policy, facts, condition)],
    ...(otherwise.say !== undefined && { say: otherwise.say }),
    ...(otherwise.help !== undefined && { help: otherwise.help }),
  }));
}

function viewOther(policy: Policy, { rule, certain, outcome }: Candidate): Explanation["others"][number] {
  const condition = conditionOf(policy, rule);
  return { rule, state: certain ? "true" : "unknown", outcome, text: condition === undefined ? "" : sourceText(policy, condition.at) };
}
