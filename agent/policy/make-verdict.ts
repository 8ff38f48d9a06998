import type { Ask, FailedRequirement, Outcome, Verdict } from "../connection/index.ts";
import type { Decision, Judgement } from "./decide.ts";
import type { Candidate } from "./judge-rule.ts";
import type { CompiledAction } from "./program.ts";
import { isAsk, isStricter, stricterOf } from "./strictness.ts";

/** What a person reads when a rule may apply: the rule's own words would tell that it exists and whom it is about. */
export const undecidedSentence = "It could not be found out whether this is allowed.";

/** Combine what the rules put forward: the strictest outcome holds. */
export function makeVerdict(judgement: Judgement): Decision {
  const candidates = settleRewrites(judgement);
  const outcome = candidates.map((candidate) => candidate.outcome).reduce(stricterOf, "allow");
  const primary = choosePrimary(candidates, outcome);
  const actions = candidates.flatMap((candidate) => candidate.actions.filter((action) => action.outcome === outcome));
  const isFinal = isSettled(judgement, outcome);
  const unknown = relevantUnknowns(judgement, isFinal ? [primary] : candidates);
  const { frame, policy } = judgement;
  const verdict: Verdict = {
    outcome,
    rule: primary.rule,
    policyDigest: policy.digest,
    ...spokenOf(primary),
    failed: failedOf(candidates, primary),
    unknown: unknown.map((attribute) => frame.whyUnknown(attribute)),
    stale: frame.stale,
    assumed: frame.assumed,
    ...(outcome === "allow" ? grantOf(actions) : refusalOf(primary, candidates, outcome)),
    ...(!primary.certain && { mayApply: true }),
    ...(primary.rule.kind === "break_glass" && { breakGlass: primary.rule.name }),
    backends: outcome === "allow" ? judgement.backends : [],
    examined: judgement.examined,
    rules: policy.program.rules,
  };
  return { verdict, wanted: isFinal ? [] : [...judgement.missing].filter((attribute) => frame.isPending(attribute)) };
}

/**
 * The rule that the verdict names: among the strictest, one that surely applies before one that may, a guard before a policy,
 * guards by name (their order must not matter), policies by their place.
 */
function choosePrimary(candidates: readonly Candidate[], outcome: Outcome): Candidate {
  const strictest = candidates.filter((candidate) => candidate.outcome === outcome);
  const [first, ...rest] = strictest;
  if (first === undefined) throw new Error("a decision without a candidate");
  return rest.reduce((best, candidate) => (precedes(candidate, best) ? candidate : best), first);
}

function precedes(one: Candidate, other: Candidate): boolean {
  if (one.certain !== other.certain) return one.certain;
  if (one.rule.kind !== other.rule.kind) return TIER[one.rule.kind] < TIER[other.rule.kind];
  return one.rule.kind === "guard" && one.rule.name < other.rule.name;
}

const TIER: Readonly<Record<Candidate["rule"]["kind"], number>> = {
  lifeline: 0,
  break_glass: 1,
  guard: 2,
  policy: 3,
  default: 4,
  "built-in": 5,
};

/** Nothing that is still unknown can change a refusal that is certain. */
function isSettled(judgement: Judgement, outcome: Outcome): boolean {
  if (outcome !== "deny") return judgement.missing.size === 0;
  const { candidates } = judgement;
  const firstOpen = candidates.findIndex((candidate) => !candidate.certain && candidate.rule.kind === "policy");
  const sure = firstOpen < 0 ? candidates : candidates.filter((candidate, at) => candidate.rule.kind === "guard" || at < firstOpen);
  return sure.some((candidate) => candidate.certain && isSurelyDenied(candidate));
}

function isSurelyDenied(candidate: Candidate): boolean {
  if (candidate.outcome !== "deny") return false;
  return (
    candidate.failed.length === 0 || candidate.failed.some((requirement) => requirement.state === "false" && requirement.effect === "deny")
  );
}

function relevantUnknowns(judgement: Judgement, candidates: readonly Candidate[]): readonly string[] {
  const isOpen = candidates.some(
    (candidate) => !candidate.certain || candidate.failed.some((requirement) => requirement.state !== "false"),
  );
  return isOpen || judgement.candidates.length === 0 ? [...judgement.missing] : [];
}

/** The rule's own words, and those of every obstacle, so that the person sees all of them at once. */
function spokenOf(primary: Candidate): { say?: string; help?: string } {
  if (!primary.certain) return { say: undecidedSentence };
  const sources: readonly { say?: string; help?: string }[] = primary.failed.length > 0 ? primary.failed : primary.actions;
  const says = [...new Set(sources.flatMap((source) => source.say ?? []))];
  const help = sources.find((source) => source.help !== undefined)?.help;
  return { ...(says.length > 0 && { say: says.join(" ") }), ...(help !== undefined && { help }) };
}

/** Obstacles of the rule that decides, or of the policy that was surely selected. Of a rule that may apply only the labels. */
function failedOf(candidates: readonly Candidate[], primary: Candidate): readonly FailedRequirement[] {
  const source =
    primary.failed.length > 0 ? primary : (candidates.find((candidate) => candidate.certain && candidate.failed.length > 0) ?? primary);
  if (source.certain) return source.failed;
  return source.failed.map(({ say: _say, help: _help, ...bare }) => bare);
}

type Grant = Pick<Verdict, "log" | "onChange" | "lifetimeMs" | "rewrite">;

const LOG = ["none", "summary", "full"] as const;
const ON_CHANGE = ["keep", "drain", "close"] as const;

/** Several allows: the fullest log, the shortest life, the firmest reaction to a change. */
function grantOf(actions: readonly CompiledAction[]): Grant {
  const lives = actions.flatMap((action) => action.lifetimeMs ?? []);
  const rewrite = actions.find((action) => action.rewrite !== undefined)?.rewrite;
  return {
    log: LOG[Math.max(...actions.map((action) => LOG.indexOf(action.log)))] ?? "full",
    onChange: ON_CHANGE[Math.max(...actions.map((action) => ON_CHANGE.indexOf(action.onChange)))] ?? "close",
    ...(lives.length > 0 && { lifetimeMs: Math.min(...lives) }),
    ...(rewrite && { rewrite }),
  };
}

type Refusal = Pick<Verdict, "log" | "onChange" | "redirect" | "ask">;

function refusalOf(primary: Candidate, candidates: readonly Candidate[], outcome: Outcome): Refusal {
  // SECURITY: the link of a rule that only may apply is the rule's own text; without it a redirect is carried out as a refusal.
  const redirect = primary.certain ? primary.actions.find((action) => action.redirect !== undefined)?.redirect : undefined;
  const ask = isAsk(outcome) ? askOf(outcome, candidates) : undefined;
  return { log: "full", onChange: "close", ...(outcome === "redirect" && redirect !== undefined && { redirect }), ...(ask && { ask }) };
}

/** Everything that any rule asks for, each once; the connection waits only if every asking rule lets it. */
function askOf(kind: "step_up" | "challenge", candidates: readonly Candidate[]): Ask {
  const asking = candidates.flatMap((candidate) => candidate.actions.filter((action) => action.ask !== undefined));
  const asks = new Map(asking.flatMap(({ ask }) => (ask === undefined ? [] : [[`${ask.what} ${ask.value ?? ""}`, ask] as const])));
  return { kind, asks: [...asks.values()], holdMs: Math.min(...asking.map((action) => action.holdMs)) };
}

/**
 * A rewrite is carried out only when every rule that could decide agrees on the target; when they differ, nobody can say where the
 * connection belongs, and the rewrite counts as a refusal. So does a second rewrite to yet another place.
 */
function settleRewrites(judgement: Judgement): readonly Candidate[] {
  const { candidates } = judgement;
  if (!candidates.some((candidate) => rewriteOf(candidate) !== undefined)) return candidates;
  const deciding = candidates.filter((candidate) => candidate.outcome === "allow" && candidate.rule.kind !== "guard");
  const targets = new Set(deciding.map((candidate) => targetText(rewriteOf(candidate)) ?? ""));
  const [target] = targets;
  const here = `${judgement.frame.host() ?? ""} ${judgement.frame.port() ?? ""}`;
  const isClear = targets.size <= 1 && (judgement.options.rewritten !== true || target === here);
  return isClear ? candidates : candidates.map((candidate) => (rewriteOf(candidate) === undefined ? candidate : refused(candidate)));
}

function rewriteOf(candidate: Candidate): CompiledAction["rewrite"] {
  return candidate.outcome === "allow" ? candidate.actions.find((action) => action.rewrite !== undefined)?.rewrite : undefined;
}

function targetText(target: CompiledAction["rewrite"]): string | undefined {
  return target && `${target.host} ${target.port}`;
}

function refused(candidate: Candidate): Candidate {
  const action: CompiledAction = { outcome: "deny", log: "full", onChange: "close", holdMs: 0 };
  return { ...candidate, outcome: isStricter("deny", candidate.outcome) ? "deny" : candidate.outcome, actions: [action] };
}
