import type { Judgement } from "./decide.ts";
import type { Candidate } from "./judge-rule.ts";
import type { CompiledAction } from "./program.ts";

const refusal: CompiledAction = { outcome: "deny", log: "full", onChange: "close", holdMs: 0 };

/**
 * A rewrite is carried out only when every rule that could decide agrees on the target; when they differ, nobody can say where the
 * connection belongs, and the rewrite counts as a refusal. So does a second rewrite to yet another place.
 */
export function settleRewrites({ candidates, frame, options }: Judgement): readonly Candidate[] {
  if (!candidates.some(isRewrite)) return candidates;
  const deciding = candidates.filter((candidate) => candidate.outcome === "allow" && candidate.rule.kind !== "guard");
  const targets = new Set(deciding.map(targetOf));
  const here = `${frame.host() ?? ""} ${frame.port() ?? ""}`;
  const isClear = targets.size === 1 && (options.rewritten !== true || targets.has(here));
  return isClear ? candidates : candidates.map((candidate) => (isRewrite(candidate) ? refused(candidate) : candidate));
}

function isRewrite(candidate: Candidate): boolean {
  return candidate.outcome === "allow" && candidate.actions.some((action) => action.rewrite !== undefined);
}

/** Empty for an allow that leaves the destination as it is. */
function targetOf(candidate: Candidate): string {
  const rewrite = candidate.actions.find((action) => action.rewrite !== undefined)?.rewrite;
  return rewrite === undefined ? "" : `${rewrite.host} ${rewrite.port}`;
}

function refused(candidate: Candidate): Candidate {
  return { ...candidate, outcome: "deny", actions: [refusal] };
}
