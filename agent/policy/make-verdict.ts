import type { Ask, FailedRequirement, Outcome, Verdict } from "../connection/index.ts";
import type { Decision, Judgement } from "./decide.ts";
import type { Candidate } from "./judge-rule.ts";
import type { CompiledAction } from "./program.ts";
import { settleRewrites } from "./settle-rewrites.ts";
import { isAsk, stricterOf } from "./strictness.ts";

/** What a person reads when a rule may apply: the rule's own words would tell that it exists and whom it is about. */
export const undecidedSentence = "It could not be found out whether this is allowed.";

type Draft = { -readonly [K in keyof Verdict]: Verdict[K] };

const NONE: readonly never[] = [];

/** Combine what the rules put forward: the strictest outcome holds. Written without needless objects, as it runs for every connection. */
export function makeVerdict(judgement: Judgement): Decision {
  const { frame, policy } = judgement;
  const candidates = settleRewrites(judgement);
  let outcome: Outcome = "allow";
  for (const candidate of candidates) outcome = stricterOf(outcome, candidate.outcome);
  const primary = choosePrimary(candidates, outcome);
  const isFinal = judgement.missing.size === 0 || (outcome === "deny" && isSurelyRefused(judgement.candidates));
  const verdict: Draft = {
    outcome,
    rule: primary.rule,
    policyDigest: policy.digest,
    failed: failedOf(candidates, primary),
    unknown: judgement.missing.size === 0 ? NONE : unknownOf(judgement, isFinal ? [primary] : candidates),
    stale: frame.stale,
    assumed: frame.assumed,
    log: "full",
    onChange: "close",
    backends: outcome === "allow" ? judgement.backends : NONE,
    examined: judgement.examined,
    rules: policy.program.rules,
  };
  if (!primary.certain) verdict.mayApply = true;
  if (primary.rule.kind === "break_glass") verdict.breakGlass = primary.rule.name;
  speak(verdict, primary);
  if (outcome === "allow") grant(verdict, candidates);
  else refuse(verdict, primary, candidates);
  return { verdict, wanted: isFinal ? NONE : [...judgement.missing].filter((attribute) => frame.isPending(attribute)) };
}

/**
 * The rule that the verdict names: among the strictest, one that surely applies before one that may, a guard before a policy,
 * guards by name (their order must not matter), policies by their place.
 */
function choosePrimary(candidates: readonly Candidate[], outcome: Outcome): Candidate {
  let best: Candidate | undefined;
  for (const candidate of candidates) {
    if (candidate.outcome === outcome && (best === undefined || precedes(candidate, best))) best = candidate;
  }
  if (best === undefined) throw new Error("a decision without a candidate");
  return best;
}

const TIER: Readonly<Record<Candidate["rule"]["kind"], number>> = {
  lifeline: 0,
  break_glass: 1,
  guard: 2,
  policy: 3,
  default: 4,
  "built-in": 5,
};

function precedes(one: Candidate, other: Candidate): boolean {
  if (one.certain !== other.certain) return one.certain;
  if (one.rule.kind !== other.rule.kind) return TIER[one.rule.kind] < TIER[other.rule.kind];
  return one.rule.kind === "guard" && one.rule.name < other.rule.name;
}

/** Whether nothing that is still unknown can change the refusal: a guard says so, or the policy that is surely the selected one. */
function isSurelyRefused(candidates: readonly Candidate[]): boolean {
  let isSelectionOpen = false;
  for (const candidate of candidates) {
    const isPolicy = candidate.rule.kind === "policy" || candidate.rule.kind === "default";
    if (isPolicy && !candidate.certain) isSelectionOpen = true;
    if (candidate.certain && !(isPolicy && isSelectionOpen) && isDenial(candidate)) return true;
  }
  return false;
}

function isDenial(candidate: Candidate): boolean {
  if (candidate.outcome !== "deny") return false;
  return candidate.failed.length === 0 || candidate.failed.some(({ state, effect }) => state === "false" && effect === "deny");
}

/** The missing attributes, if any of the candidates hangs on one. */
function unknownOf({ missing, frame }: Judgement, candidates: readonly Candidate[]): Verdict["unknown"] {
  const isOpen = candidates.some(({ certain, failed }) => !certain || failed.some(({ state }) => state !== "false"));
  return isOpen ? [...missing].map((attribute) => frame.whyUnknown(attribute)) : NONE;
}

/** Obstacles of the rule that decides, or of the policy that was surely selected. Of a rule that may apply only the labels. */
function failedOf(candidates: readonly Candidate[], primary: Candidate): readonly FailedRequirement[] {
  const own = primary.failed.length > 0 ? primary : candidates.find(({ certain, failed }) => certain && failed.length > 0);
  if (own === undefined) return NONE;
  return own.certain ? own.failed : own.failed.map(({ say: _say, help: _help, ...bare }) => bare);
}

/** The rule's own words, and those of every obstacle, so that the person sees all of them at once. */
function speak(verdict: Draft, primary: Candidate): void {
  if (!primary.certain) {
    verdict.say = undecidedSentence;
    return;
  }
  const says: string[] = [];
  for (const { say, help } of primary.failed.length > 0 ? primary.failed : primary.actions) {
    if (say !== undefined && !says.includes(say)) says.push(say);
    if (help !== undefined) verdict.help ??= help;
  }
  if (says.length > 0) verdict.say = says.join(" ");
}

const LOG = ["none", "summary", "full"] as const;
const ON_CHANGE = ["keep", "drain", "close"] as const;

/** Several allows: the fullest log, the shortest life, the firmest reaction to a change. */
function grant(verdict: Draft, candidates: readonly Candidate[]): void {
  let log = 0;
  let onChange = 0;
  for (const candidate of candidates) {
    for (const action of candidate.actions) {
      log = Math.max(log, LOG.indexOf(action.log));
      onChange = Math.max(onChange, ON_CHANGE.indexOf(action.onChange));
      const { lifetimeMs, rewrite } = action;
      if (lifetimeMs !== undefined) verdict.lifetimeMs = Math.min(lifetimeMs, verdict.lifetimeMs ?? lifetimeMs);
      if (rewrite !== undefined) verdict.rewrite = rewrite;
    }
  }
  verdict.log = LOG[log] ?? "full";
  verdict.onChange = ON_CHANGE[onChange] ?? "close";
}

function refuse(verdict: Draft, primary: Candidate, candidates: readonly Candidate[]): void {
  const { outcome } = verdict;
  if (isAsk(outcome)) verdict.ask = askOf(outcome, candidates);
  // SECURITY: the link of a rule that only may apply is the rule's own text; without it a redirect is carried out as a refusal.
  const redirect = outcome === "redirect" && primary.certain ? primary.actions.find(isRedirect)?.redirect : undefined;
  if (redirect !== undefined) verdict.redirect = redirect;
}

function isRedirect(action: CompiledAction): boolean {
  return action.redirect !== undefined;
}

/** Everything that any rule asks for, each once; the connection waits only if every asking rule lets it. */
function askOf(kind: "step_up" | "challenge", candidates: readonly Candidate[]): Ask {
  const asks = new Map<string, Ask["asks"][number]>();
  let holdMs = Number.POSITIVE_INFINITY;
  for (const { ask, holdMs: hold } of candidates.flatMap(({ actions }) => actions)) {
    if (ask === undefined) continue;
    asks.set(`${ask.what} ${ask.value ?? ""}`, ask);
    holdMs = Math.min(holdMs, hold);
  }
  return { kind, asks: [...asks.values()], holdMs };
}
