import type { Token } from "../policy/index.ts";
import { actionWords, type ItemWord, itemWords } from "./words.ts";

/** What may stand at a place. */
export type Expected =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | {
      readonly kind:
        | "operand"
        | "member"
        | "attribute"
        /** An attribute that a reveal may name. */
        | "visible"
        | "value"
        | "rule"
        | "fixture"
        | "scope"
        | "label"
        | "audience"
        | "class"
        | "type"
        | "outcome"
        /** Something is being named. */
        | "name"
        | "nothing";
    };

const words = (...list: string[]): Expected => ({ kind: "words", words: list });
const nothing: Expected = { kind: "nothing" };

const operators = ["and", "or", "in", "not in"];
const how = ["show", "hide", "mask", "hash", "coarse"];
const settings = ["source", "max_age", "stale", "fallback", "class", "optional"];
const expectations = ["expect", "reveals", "hides"];

/** Which options an action may carry. */
const OPTIONS: Readonly<Record<(typeof actionWords)[number], readonly string[]>> = {
  allow: ["log", "for", "on_change", "say", "help"],
  rewrite: ["log", "for", "on_change", "say", "help"],
  deny: ["say", "help"],
  redirect: ["say", "help"],
  step_up: ["hold", "say", "help"],
  challenge: ["hold", "say", "help"],
};

/** What a word asks for behind itself, in whatever block. */
const CUES: ReadonlyMap<string, Expected> = new Map<string, Expected>([
  ["when", { kind: "operand" }],
  ["require", { kind: "operand" }],
  ["else", words("deny", "step_up", "challenge", "redirect", "next")],
  ["on_unknown", words("skip", "deny", "step_up")],
  ["skip", words("because")],
  ["log", words("none", "summary", "full")],
  ["on_change", words("keep", "drain", "close")],
  ["step_up", words("acr", "amr", "max_age")],
  ["challenge", words("confirm", "reason", "approve")],
  ["class", { kind: "class" }],
  ["fallback", { kind: "value" }],
  ["to", { kind: "audience" }],
  ...how.map((word): [string, Expected] => [word, { kind: "visible" }]),
  ["given", { kind: "fixture" }],
  ["expect", { kind: "outcome" }],
  ["by", { kind: "rule" }],
  ["needs", { kind: "label" }],
  ["because_unknown", { kind: "attribute" }],
  ["breakglass", { kind: "scope" }],
  ["reveals", { kind: "audience" }],
  ["hides", { kind: "audience" }],
  ...["say", "help", "redirect", "rewrite", "because", "approve", "acr", "amr", "use", "via", "keys", "note", "source"].map(
    (word): [string, Expected] => [word, nothing],
  ),
  ...["max_age", "stale", "for", "hold", "max", "quorum"].map((word): [string, Expected] => [word, nothing]),
]);

/** The tokens of a block before a place, from the word of its kind on. */
interface Before {
  readonly tokens: readonly Token[];
  readonly last: Token | undefined;
  /** The brackets that are open, outermost first. */
  readonly open: readonly string[];
}

/** What may stand behind these tokens of a block; `undefined` as kind: between blocks. */
export function expectedAfter(kind: ItemWord | undefined, tokens: readonly Token[]): Expected {
  if (kind === undefined) return words(...itemWords);
  const before: Before = { tokens, last: tokens.at(-1), open: openBrackets(tokens) };
  if (tokens.length === 1) return { kind: kind === "attribute" ? "attribute" : "name" };
  if (before.last?.text === ".") return { kind: "member" };
  return BY_KIND[kind](before);
}

const BY_KIND: Readonly<Record<ItemWord, (before: Before) => Expected>> = {
  attribute: inAttribute,
  set: inSet,
  let: (before) => (before.tokens.some(({ text }) => text === "=") ? inCondition(before, itemWords) : nothing),
  lifeline: ({ last }) => (last?.kind === "string" ? words(...itemWords) : nothing),
  guard: (before) => inRule(before, guardWords),
  policy: (before) => inRule(before, policyWords),
  route: (before) => inRule(before, () => ["when", "use"]),
  break_glass: (before) => inRule(before, () => ["when", "max", "quorum", "keys", "note"]),
  reveal: inReveal,
  fixture: (before) => (before.open.length === 0 ? nothing : inEntries(before)),
  test: inTest,
};

function openBrackets(tokens: readonly Token[]): readonly string[] {
  const open: string[] = [];
  for (const { kind, text } of tokens) {
    if (kind !== "mark") continue;
    if (text === "(" || text === "[" || text === "{") open.push(text);
    if (text === ")" || text === "]" || text === "}") open.pop();
  }
  return open;
}

/** What the last word asks for; a part of a name or path asks for nothing. */
function cueOf({ tokens, last }: Before): Expected | undefined {
  const joiner = tokens.at(-2)?.text;
  return last?.kind !== "word" || joiner === "-" || joiner === "." ? undefined : CUES.get(last.text);
}

function inAttribute(before: Before): Expected {
  if (before.open.length > 0) return cueOf(before) ?? words(...settings);
  const isTyped = before.tokens.some(({ text }) => text === ":");
  return isTyped && /^[:<,]$/.test(before.last?.text ?? "") ? { kind: "type" } : nothing;
}

/** A set ends with its list or its file; only a new block can follow. */
function inSet({ last, open }: Before): Expected {
  if (last?.text === "=") return words("hosts", "nets");
  if (last?.text === "hosts" || last?.text === "nets") return words("from");
  return open.length === 0 && (last?.text === "]" || last?.kind === "string") ? words(...itemWords) : nothing;
}

/** Clauses one after the other: conditions behind `when` and `require`, and words that begin clauses. */
function inRule(before: Before, follow: (clauses: readonly string[]) => readonly string[]): Expected {
  if (before.open.length === 0) return nothing;
  const clauses = clausesOf(before.tokens);
  const clause = clauses.at(-1) ?? "";
  const next = follow(clauses);
  if (before.open.length > 1) return clause === "when" || clause === "require" ? inCondition(before, []) : nothing;
  const cue = cueOf(before);
  if (cue !== undefined) return cue;
  return clause === "when" || clause === "require" ? inCondition(before, next) : words(...next);
}

const CLAUSES: ReadonlySet<string> = new Set([
  "always",
  "when",
  "require",
  "else",
  "next",
  "on_unknown",
  "use",
  "max",
  "quorum",
  "keys",
  "note",
  "say",
  "help",
  ...how,
  ...actionWords,
]);

/** The words that begin clauses, directly inside the block's braces. */
function clausesOf(tokens: readonly Token[]): string[] {
  const found: string[] = [];
  let depth = 0;
  for (const [index, { kind, text }] of tokens.entries()) {
    if (kind === "mark" && "([{".includes(text)) depth += 1;
    else if (kind === "mark" && ")]}".includes(text)) depth -= 1;
    else if (kind === "word" && depth === 1 && CLAUSES.has(text) && tokens[index - 1]?.text !== ".") found.push(text);
  }
  return found;
}

function isAction(word: string | undefined): word is (typeof actionWords)[number] {
  return actionWords.some((action) => action === word);
}

function guardWords(clauses: readonly string[]): readonly string[] {
  const action = clauses.findLast(isAction);
  if (!clauses.includes("when")) return clauses.includes("always") ? ["when"] : ["always", "when"];
  if (action === undefined) return actionWords;
  return clauses.includes("on_unknown") ? OPTIONS[action] : [...OPTIONS[action], "on_unknown"];
}

function policyWords(clauses: readonly string[]): readonly string[] {
  const onward = ["require", ...actionWords];
  const last = clauses.at(-1);
  if (last === undefined) return ["when", ...onward];
  if (last === "when" || last === "next") return onward;
  if (last === "require") return ["else", "say", "help", ...onward];
  const at = clauses.findLastIndex(isAction);
  const action = clauses[at];
  if (!isAction(action) || at < clauses.lastIndexOf("require")) return ["say", "help", ...onward];
  // Behind `else` stands what a requirement leads to; any other action is the policy's own and its last word.
  return clauses[at - 1] === "else" ? [...OPTIONS[action], ...onward] : OPTIONS[action];
}

/** In a condition: a value where one is missing, else an operator or what may follow the condition. */
function inCondition({ tokens, last }: Before, follow: readonly string[]): Expected {
  // `x not in y`, unlike `not x`, has a value before it.
  if (last?.text === "not" && !needsOperand(tokens.at(-2))) return words("in");
  return needsOperand(last) ? { kind: "operand" } : words(...operators, ...follow);
}

function needsOperand(last: Token | undefined): boolean {
  if (last?.kind === "mark") return !")]}".includes(last.text);
  return last?.kind === "word" && ["and", "or", "not", "in", "when", "require"].includes(last.text);
}

function inReveal(before: Before): Expected {
  const { open, last, tokens } = before;
  const cue = cueOf(before);
  if (open.length === 0) return cue ?? (tokens.some(({ text }) => text === "to") ? nothing : words("to"));
  const clauses = clausesOf(tokens);
  if (clauses.at(-1) === "when") return cue ?? inCondition(before, open.length > 1 ? [] : how);
  if (open.at(-1) === "(") return { kind: "class" };
  if (last?.text === ",") return { kind: "visible" };
  return cue ?? words(...(clauses.length === 0 ? ["when", ...how] : how));
}

/** `path: value, …` in braces. */
function inEntries({ open, last }: Before): Expected {
  if (open.at(-1) !== "{") return nothing;
  if (last?.text === ":") return { kind: "value" };
  return last?.text === "{" || last?.text === "," ? { kind: "attribute" } : nothing;
}

function inTest(before: Before): Expected {
  const { open, last, tokens } = before;
  if (open.length !== 1) return open.length === 0 || open.at(-1) === "[" ? nothing : inEntries(before);
  // Some outcomes are actions too, and would ask for more in a rule.
  const cue = tokens.at(-2)?.text === "expect" ? undefined : cueOf(before);
  if (cue !== undefined) return cue;
  const clause = tokens.findLast(({ text }) => text === "given" || expectations.includes(text))?.text;
  if (last?.text === ",") return clause === "given" ? { kind: "fixture" } : { kind: "visible" };
  const isAudience = ["reveals", "hides"].includes(tokens.at(-2)?.text ?? "");
  return isAudience ? { kind: "visible" } : words(...followingTest(clause));
}

/** What may follow a part of a test that is whole. */
function followingTest(clause: string | undefined): readonly string[] {
  if (clause === undefined) return ["given", ...expectations];
  return clause === "expect" ? ["by", "needs", "because_unknown", "via", "breakglass", ...expectations] : expectations;
}
