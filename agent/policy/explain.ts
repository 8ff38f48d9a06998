import type { Facts } from "../connection/index.ts";
import type { Explanation } from "../contract/index.ts";
import type { Audience } from "./audience.ts";
import { judge } from "./decide.ts";
import { findRemedy } from "./find-remedy.ts";
import { formatStory } from "./format-story.ts";
import { makeVerdict } from "./make-verdict.ts";
import type { DecideOptions, Policy } from "./policy.ts";
import { redactStory } from "./redact-story.ts";
import type { RevealOptions } from "./reveal.ts";
import { type Story, tellStory } from "./tell-story.ts";

export interface ExplainOptions extends DecideOptions, RevealOptions {
  /** Leave out what this audience may not see; absent: the whole story, for those who write policy. */
  readonly audience?: Audience;
}

/** Why a request is decided as it is, as data and as text. It decides again, so facts that changed since give another story. */
export function explain(policy: Policy, facts: Facts, options: ExplainOptions = {}): Explanation {
  const judgement = judge(policy, facts, options);
  const { verdict } = makeVerdict(judgement);
  const { audience, incident } = options;
  if (audience !== undefined) return written(redactStory({ judgement, facts, verdict, audience, options }));
  const remedy = verdict.outcome === "allow" ? undefined : findRemedy(judgement, facts);
  return written(tellStory({ judgement, facts, verdict, remedy, incident }));
}

function written(story: Story): Explanation {
  const { condition: _condition, nearest: _nearest, directions: _directions, ...explanation } = story;
  return { ...explanation, text: formatStory(story) };
}
