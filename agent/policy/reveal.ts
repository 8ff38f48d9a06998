import type { FactValue, Facts, FailedRequirement, UnknownFact, Verdict } from "../connection/index.ts";
import type { Audience } from "./audience.ts";
import { DecisionFrame } from "./decision-frame.ts";
import { names } from "./compile-reveals.ts";
import type { Policy } from "./policy.ts";
import type { CompiledReveal } from "./program.ts";
import { coarsenValue, hashValue, maskValue } from "./soften.ts";
import type { RevealLine } from "./tree.ts";
import type { Attribute } from "./vocabulary.ts";

export interface RevealOptions {
  /** Keyed pseudonyms (an HMAC with a daily key). Absent: what a `hash` line names is hidden. */
  readonly hmac?: (value: string) => string;
  readonly incident?: string;
}

export interface Judged {
  readonly facts: Facts;
  readonly verdict: Verdict;
}

/** What one audience may see of one decision. */
export interface Revealed {
  /** By attribute path, `decision.*` included; already masked, hashed or coarsened. */
  readonly shown: ReadonlyMap<string, FactValue>;
  /** Attributes whose names and full values this audience may see, known or not. */
  readonly inClear: ReadonlySet<string>;
  /** Failed requirements, when `decision.failed` is shown; their sentences only together with `decision.say` and `decision.help`. */
  readonly failed: readonly FailedRequirement[];
  /** Attributes that were missing and whose name this audience may see. */
  readonly unknown: readonly UnknownFact[];
  /** Names of the blocks that applied. */
  readonly blocks: readonly string[];
  /** How many of the policy's attributes this audience may not see; it depends on the blocks alone, never on a value. */
  readonly hidden: number;
}

type How = RevealLine["how"];

/**
 * The second level: what may be shown of a decision. The first line that names an attribute wins; what no line names is hidden; a
 * block whose condition is not known to hold does not apply.
 *
 * INVARIANT: a hidden value changes nothing here; reveal.prop.test.ts guards it.
 */
export function reveal(policy: Policy, judged: Judged, audience: Audience, options: RevealOptions = {}): Revealed {
  const blocks = blocksFor(policy, judged.facts, audience);
  const howOf = (attribute: Attribute): How => {
    const how = firstLine(blocks, attribute);
    return how === "hash" && options.hmac === undefined ? "hide" : how;
  };
  const shown = new Map<string, FactValue>();
  const inClear = new Set<string>();
  let hidden = 0;
  for (const attribute of policy.attributes.values()) {
    const how = howOf(attribute);
    if (how === "hide") hidden++;
    if (how === "show") inClear.add(attribute.path);
    const value = how === "hide" ? undefined : valueOf(attribute, judged, options);
    if (value !== undefined) shown.set(attribute.path, soften(how, { attribute, value, options }));
  }
  const mayName = (path: string): boolean => {
    const attribute = policy.attributes.get(path);
    return attribute !== undefined && howOf(attribute) !== "hide";
  };
  return {
    shown,
    inClear,
    failed: mayName("decision.failed") ? failedFor(judged.verdict, mayName) : [],
    unknown: judged.verdict.unknown.filter(({ attribute }) => mayName(attribute)).map(({ attribute, why }) => ({ attribute, why })),
    blocks: blocks.map((block) => block.name),
    hidden,
  };
}

function failedFor(verdict: Verdict, mayName: (path: string) => boolean): readonly FailedRequirement[] {
  return verdict.failed.map(({ say, help, ...bare }) => ({
    ...bare,
    ...(say !== undefined && mayName("decision.say") && { say }),
    ...(help !== undefined && mayName("decision.help") && { help }),
  }));
}

function blocksFor(policy: Policy, facts: Facts, audience: Audience): readonly CompiledReveal[] {
  const own = policy.program.reveals.filter((block) => block.to === audience);
  if (own.length === 0) return DEFAULTS[audience] ?? [];
  const frame = new DecisionFrame(policy, facts);
  return own.filter((block) => block.when === undefined || block.when.evaluate(frame) === true);
}

const at = { offset: 0, length: 0 };
const path = (name: string) => ({ kind: "path", path: name, at }) as const;

/**
 * When a policy says nothing to an audience: the person sees what was decided and the words meant for them, the local record sees
 * everything but secrets, and nobody else sees anything.
 */
const DEFAULTS: Partial<Record<Audience, readonly CompiledReveal[]>> = {
  user: [
    {
      name: "built-in",
      to: "user",
      lines: [
        {
          how: "show",
          what: ["decision.outcome", "decision.say", "decision.help", "decision.incident", "request.host", "request.port"].map(path),
        },
      ],
    },
  ],
  audit_local: [
    {
      name: "built-in",
      to: "audit_local",
      lines: [{ how: "show", what: [{ kind: "class", classes: ["public", "internal", "personal"].map((text) => ({ text, ...at })), at }] }],
    },
  ],
};

function firstLine(blocks: readonly CompiledReveal[], attribute: Attribute): How {
  for (const block of blocks) {
    for (const line of block.lines) if (line.what.some((target) => names(target, attribute.path, attribute.class))) return line.how;
  }
  return "hide";
}

function valueOf(attribute: Attribute, { facts, verdict }: Judged, options: RevealOptions): FactValue | undefined {
  if (attribute.group === "decision") return decisionValue(attribute.path, verdict, options);
  const fact = facts.read(attribute.path);
  return fact.kind === "known" ? fact.value : undefined;
}

function decisionValue(name: string, verdict: Verdict, options: RevealOptions): FactValue | undefined {
  switch (name) {
    case "decision.outcome":
      return verdict.outcome;
    case "decision.rule":
      return verdict.rule.name;
    case "decision.failed":
      return verdict.failed.map((requirement) => requirement.label);
    case "decision.say":
      return verdict.say;
    case "decision.help":
      return verdict.help;
    case "decision.incident":
      return options.incident;
    default:
      return undefined;
  }
}

interface Softening {
  readonly attribute: Attribute;
  readonly value: FactValue;
  readonly options: RevealOptions;
}

function soften(how: How, { attribute, value, options }: Softening): FactValue {
  if (how === "mask") return maskValue(value);
  if (how === "coarse") return coarsenValue(attribute, value);
  if (how === "hash" && options.hmac !== undefined) return hashValue(value, options.hmac);
  return value;
}
