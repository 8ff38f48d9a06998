import type { RequirementView } from "../contract/index.ts";
import type { ShownFact } from "./condition-source.ts";
import type { State } from "./judge-rule.ts";
import type { Story } from "./tell-story.ts";

/** The name that stands where an audience may not learn the rule. */
export const hiddenRule = { kind: "built-in", name: "hidden" } as const;

/** A story as people read it. What was left out of the story leaves no gap. */
export function formatStory(story: Story): string {
  return [
    headline(story),
    ...storyOfRule(story),
    ...story.requirements.filter((requirement) => requirement.state !== "true").flatMap(formatRequirement),
    ...formatWords(story),
    ...story.directions.map((direction) => `  ${direction}`),
    ...formatUnknown(story),
    ...formatOthers(story),
    ...formatEnd(story),
  ].join("\n");
}

function headline({ outcome, rule, host, port, incident }: Story): string {
  const target = host === "" ? "" : `  ${host.includes(":") ? `[${host}]` : host}${port === 0 ? "" : `:${port}`}`;
  const known = rule.name === hiddenRule.name && rule.kind === hiddenRule.kind ? "" : `  by ${formatRule(rule)}`;
  return `${outcome.toUpperCase().replace("_", "-")}${target}${known}${incident === undefined ? "" : `  incident ${incident}`}`;
}

function formatRule({ kind, name, line }: Story["rule"]): string {
  if (kind === "default") return "default (no policy applies)";
  return `${kind.replace("_", "-")} ${name}${line === undefined ? "" : ` (line ${line})`}`;
}

/** Why the rule speaks: told when no requirement tells it better. */
function storyOfRule({ condition, requirements, outcome, rule }: Story): string[] {
  if (condition === undefined || outcome === "allow" || (rule.kind === "policy" && requirements.length > 0 && condition.state === "true"))
    return [];
  return [`  ${CONDITION[condition.state]}: ${condition.text}`, ...condition.facts.map(formatFactLine)];
}

const CONDITION: Readonly<Record<State, string>> = {
  true: "its condition holds",
  false: "its condition does not hold",
  unknown: "it could not be found out whether it applies",
  error: "its condition failed with an error, so it may apply",
};

function formatRequirement(requirement: RequirementView): string[] {
  const { label, line, state, text, facts, say, help } = requirement;
  const how = state === "false" ? "is not met" : state === "error" ? "failed with an error" : "could not be found out";
  return [
    `  requirement ${label}${line === 0 ? "" : ` (line ${line})`} ${how}${text === "" ? "" : `: ${text}`}`,
    ...facts.map(formatFactLine),
    ...(say === undefined ? [] : [`      ${say}`]),
    ...(help === undefined ? [] : [`      ${help}`]),
  ];
}

function formatFactLine({ attribute, value, source }: ShownFact): string {
  return `      ${attribute} = ${value}${source === undefined ? "" : `   (from ${source})`}`;
}

/** The rule's own words, unless its requirements said them already. */
function formatWords({ say, help, requirements }: Story): string[] {
  const said = requirements.some((requirement) => requirement.state !== "true" && requirement.say !== undefined);
  const helped = requirements.some((requirement) => requirement.state !== "true" && requirement.help !== undefined);
  return [...(say === undefined || said ? [] : [`  ${say}`]), ...(help === undefined || helped ? [] : [`  ${help}`])];
}

function formatUnknown({ unknown }: Story): string[] {
  return unknown.map(({ attribute, why, source }) => `  not known: ${attribute} (${why}${source === undefined ? "" : `, from ${source}`})`);
}

function formatOthers({ others }: Story): string[] {
  return others.map(({ rule, state, outcome }) => `  ${formatRule(rule)} ${state === "true" ? "says" : "may say"} ${outcome}`);
}

function formatEnd({ remedy, nearest, backends, examined, rules, outcome }: Story): string[] {
  const by = nearest === undefined ? "" : `, by ${formatRule(nearest)}`;
  return [
    ...(remedy === undefined ? [] : [`  would be allowed if ${remedy}${by}`]),
    ...(outcome === "allow" && backends.length > 0 ? [`  way out: ${backends.join(", ")}`] : []),
    ...(examined === 0 ? [] : [`  ${examined} of ${rules} rules examined`]),
  ];
}
