import type { Facts, Verdict } from "../connection/index.ts";
import { DecisionFrame } from "./decision-frame.ts";
import { RuleWalk } from "./host-index.ts";
import { applicationOf, type Candidate, judgeGuard, judgePolicy, type Missing, stateOf } from "./judge-rule.ts";
import { makeVerdict } from "./make-verdict.ts";
import type { DecideOptions, Policy } from "./policy.ts";
import type { CompiledLifeline } from "./program.ts";
import { defaultDeny, lifelineAction, scopeAction } from "./built-in-actions.ts";

export interface Decision {
  readonly verdict: Verdict;
  /** Attributes whose facts are pending and could still change the verdict: fetch them and decide again. Empty: this is final. */
  readonly wanted: readonly string[];
}

/** What a decision gathers while it walks through the tiers. */
export interface Judgement {
  readonly policy: Policy;
  readonly options: DecideOptions;
  readonly frame: DecisionFrame;
  /** In the order in which they were met. */
  readonly candidates: Candidate[];
  /** Attributes that were asked for and not known. */
  readonly missing: Missing;
  /** Backends of the routes that hold. */
  readonly backends: string[];
  examined: number;
}

/**
 * Judge one request. Pure: the same policy, facts and options give the same verdict.
 *
 * INVARIANT: knowing less never gives more. Whatever an unknown fact turns out to be, the verdict on the full facts is the same
 * or less strict; "knowing less never gives more" in decide.prop.test.ts guards it.
 */
export function decide(policy: Policy, facts: Facts, options: DecideOptions = {}): Decision {
  const judgement = judge(policy, facts, options);
  return makeVerdict(judgement);
}

/** The walk through the tiers, for the verdict and for its explanation. */
export function judge(policy: Policy, facts: Facts, options: DecideOptions): Judgement {
  const frame = new DecisionFrame(policy, facts);
  const judgement: Judgement = { policy, options, frame, candidates: [], missing: new Set(), backends: [], examined: 0 };
  const opened = openLifeline(judgement) || openScope(judgement);
  judgeGuards(judgement, opened);
  if (!opened) judgePolicies(judgement);
  if (judgement.candidates.every((candidate) => candidate.outcome === "allow")) collectRoutes(judgement);
  return judgement;
}

function openLifeline(judgement: Judgement): boolean {
  const { frame, policy, candidates } = judgement;
  const host = frame.host();
  const lines: readonly CompiledLifeline[] | undefined = host === undefined ? undefined : policy.program.lifelines.get(host);
  const line = lines?.find((candidate) => candidate.port === frame.port());
  if (line === undefined) return false;
  judgement.examined++;
  candidates.push({ rule: line.rule, outcome: "allow", certain: true, actions: [lifelineAction], failed: [] });
  return true;
}

/** A scope opens only while its condition is known to hold. */
function openScope(judgement: Judgement): boolean {
  const { options, policy, frame, candidates } = judgement;
  const scope = options.breakGlass === undefined ? undefined : policy.program.breakGlass.get(options.breakGlass);
  if (scope === undefined) return false;
  judgement.examined++;
  if (stateOf(scope.when, frame, new Set()) !== "true") return false;
  candidates.push({ rule: scope.rule, outcome: "allow", certain: true, actions: [scopeAction], failed: [] });
  return true;
}

function judgeGuards(judgement: Judgement, onlyAlways: boolean): void {
  const { guards, guardIndex } = judgement.policy.program;
  const walk = new RuleWalk();
  guardIndex.collect(judgement.frame.host(), walk);
  for (let at = walk.next(); at >= 0; at = walk.next()) {
    const guard = guards[at];
    if (guard === undefined || (onlyAlways && !guard.always)) continue;
    judgement.examined++;
    const candidate = judgeGuard(guard, judgement);
    if (candidate !== undefined) judgement.candidates.push(candidate);
  }
}

/** From the top to the first policy that surely applies; those that may apply put their outcome forward and reading goes on. */
function judgePolicies(judgement: Judgement): void {
  const { policies, policyIndex } = judgement.policy.program;
  const { frame, missing, candidates } = judgement;
  const walk = new RuleWalk();
  policyIndex.collect(frame.host(), walk);
  for (let at = walk.next(); at >= 0; at = walk.next()) {
    const policy = policies[at];
    if (policy === undefined) continue;
    judgement.examined++;
    const applies = applicationOf(policy, frame, missing);
    if (applies === "false") continue;
    candidates.push(judgePolicy(policy, applies === "true", judgement));
    if (applies === "true") return;
  }
  candidates.push(defaultDeny);
}

/** Every route that surely holds adds its backends. A route that may hold adds nothing, but what it lacks is worth fetching. */
function collectRoutes(judgement: Judgement): void {
  const { routes, routeIndex } = judgement.policy.program;
  const { frame, missing, backends } = judgement;
  const walk = new RuleWalk();
  routeIndex.collect(frame.host(), walk);
  for (let at = walk.next(); at >= 0; at = walk.next()) {
    const route = routes[at];
    if (route === undefined) continue;
    judgement.examined++;
    if (route.when !== undefined && stateOf(route.when, frame, missing) !== "true") continue;
    for (const backend of route.use) if (!backends.includes(backend)) backends.push(backend);
  }
}
