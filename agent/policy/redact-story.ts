import type { Facts, Verdict } from "../connection/index.ts";
import type { RequirementView } from "../contract/index.ts";
import type { Audience } from "./audience.ts";
import type { ShownFact } from "./condition-source.ts";
import { judge, type Judgement } from "./decide.ts";
import { findRemedy } from "./find-remedy.ts";
import { formatValue } from "./format-fact.ts";
import { hiddenRule } from "./format-story.ts";
import type { DecideOptions } from "./policy.ts";
import { type Revealed, reveal, type RevealOptions } from "./reveal.ts";
import { type Story, tellStory } from "./tell-story.ts";

export interface ToRedact {
  readonly judgement: Judgement;
  readonly facts: Facts;
  readonly verdict: Verdict;
  readonly audience: Audience;
  readonly options: DecideOptions & RevealOptions;
}

/**
 * The story for one audience: what `reveal` shows, and nothing that could be guessed from the rest. Which other rules were looked at,
 * how many, and the ways out depend on hidden facts, so they are left out altogether.
 */
export function redactStory(told: ToRedact): Story {
  const { judgement, facts, verdict, audience, options } = told;
  const seen = reveal(judgement.policy, { facts, verdict }, audience, options);
  const { condition: _condition, ...whole } = tellStory({ judgement, facts, verdict, remedy: undefined, incident: undefined });
  const remedy = verdict.outcome === "allow" ? undefined : remedyFor(seen, told);
  return {
    outcome: whole.outcome,
    rule: seen.shown.has("decision.rule") ? whole.rule : hiddenRule,
    host: textOf(seen, "request.host"),
    port: Number(seen.shown.get("request.port") ?? 0),
    ...shownWords(seen),
    requirements: seen.failed.flatMap(({ label }) => redactRequirement(whole.requirements, { label, seen, told })),
    others: [],
    unknown: [...seen.unknown],
    ...(remedy !== undefined && { remedy }),
    backends: [],
    examined: 0,
    rules: whole.rules,
    policyDigest: whole.policyDigest,
    // The person is asked and sent in any case; to others the words of the action say as much as the rule.
    directions: audience === "user" ? whole.directions : [],
  };
}

function textOf(seen: Revealed, path: string): string {
  const value = seen.shown.get(path);
  return typeof value === "string" ? value : "";
}

function shownWords(seen: Revealed): { incident?: string; say?: string; help?: string } {
  const words: { incident?: string; say?: string; help?: string } = {};
  for (const word of ["incident", "say", "help"] as const) {
    const value = seen.shown.get(`decision.${word}`);
    if (typeof value === "string") words[word] = value;
  }
  return words;
}

interface Redaction {
  readonly label: string;
  readonly seen: Revealed;
  readonly told: ToRedact;
}

/** A failed requirement with the words that may be shown; its condition only when each attribute in it may be named. */
function redactRequirement(requirements: readonly RequirementView[], { label, seen, told }: Redaction): RequirementView[] {
  const view = requirements.find((requirement) => requirement.label === label);
  const failed = seen.failed.find((requirement) => requirement.label === label);
  if (view === undefined || failed === undefined) return [];
  const { say: _say, help: _help, ...bare } = view;
  const isOpen = told.verdict.mayApply !== true && view.facts.every(({ attribute }) => seen.shown.has(attribute));
  return [
    {
      ...bare,
      text: isOpen ? view.text : "",
      facts: isOpen ? view.facts.map((fact) => shownFact(fact, seen, told)) : [],
      ...(failed.say !== undefined && { say: failed.say }),
      ...(failed.help !== undefined && { help: failed.help }),
    },
  ];
}

function shownFact({ attribute, value }: ShownFact, seen: Revealed, told: ToRedact): ShownFact {
  const type = told.judgement.policy.attributes.get(attribute)?.type ?? "string";
  const shown = seen.shown.get(attribute);
  return { attribute, value: shown === undefined ? value : formatValue(type, shown) };
}

/**
 * A remedy that the audience could have found itself.
 *
 * SECURITY: it is looked for with everything hidden taken as unknown. What holds then holds whatever the hidden facts are, so neither
 * the remedy nor its absence tells anything about them.
 */
function remedyFor(seen: Revealed, { judgement, facts, options }: ToRedact): string | undefined {
  if (!seen.shown.has("decision.failed")) return undefined;
  const visible: Facts = {
    read: (attribute) => (seen.inClear.has(attribute) ? facts.read(attribute) : { kind: "unknown", why: "not shown" }),
  };
  const remedy = findRemedy(judge(judgement.policy, visible, options), visible);
  return remedy?.attributes.every((attribute) => seen.inClear.has(attribute)) === true ? remedy.text : undefined;
}
