/** The language's own words with a sentence for each: what completion offers and hover tells. */
const WORDS: Readonly<Record<string, string>> = {
  portail: "The first line of every policy: `portail policy 1`.",
  attribute: "Declares an attribute, or refines a built-in one: its type, source, age limits, fallback and class.",
  set: "A named list of hosts, networks or values, for `in`.",
  let: "A named condition or value, for use in other conditions.",
  lifeline: "A fixed `host:port` that is allowed whatever else is unknown. Only an `always` guard may act on it.",
  guard: "All guards are looked at, the strictest outcome wins, and none can allow.",
  policy: "Policies are read from the top; the first whose `when` holds decides.",
  route: "Adds its backends to the way out of an allowed request when its `when` holds.",
  break_glass: "What an emergency token may open, for how long, and how many keys must sign it.",
  reveal: "What an audience may see of a decision. What no line names is hidden.",
  fixture: "Named facts for tests.",
  test: "What must come out for given facts. Facts that are not given are unknown.",
  source: 'Where the value comes from, and its name there: `source inventory("Managed")`.',
  max_age: "Older than this is stale. Behind `step_up`: sign in again when the last time is longer ago.",
  stale: "How long after `max_age` a value is still used; then it is unknown.",
  fallback: "Stands in while the value is unknown. Rules then see it instead of refusing.",
  class: "How sensitive it is: public, internal, personal or secret.",
  optional: "It may be legitimately absent; conditions guard it with `has()` or `??`.",
  hosts: "A set of host patterns: `a.b` exactly, `*.b` one label, `**.b` one or more, `.b` the apex or below.",
  nets: "A set of networks and addresses.",
  from: "The entries stand in a file that is named by its hash.",
  always: "Holds even for lifelines and break-glass.",
  when: "The condition under which the block applies.",
  require: "Must hold for the policy's action. All requirements are looked at, so that a person sees every obstacle at once.",
  else: "What happens when the requirement does not hold; without it: deny.",
  next: "The policy does not apply then; reading goes on with the next one.",
  allow: "Lets the connection through.",
  deny: "Refuses the connection.",
  redirect: "Sends a browser to a link; where there is none, refuses.",
  rewrite: "Connects to another `host:port`, judged once more for that target.",
  step_up: "Asks the person to sign in more strongly; `hold` parks the request meanwhile.",
  challenge: "Asks the person to confirm, give a reason or get an approval.",
  say: "The sentence that a refused person reads.",
  help: "A link for the refused person.",
  log: "How much is recorded: none, summary or full.",
  for: "How long the connection may live.",
  on_change: "What happens to living connections when the decision changes: keep, drain or close.",
  hold: "How long the request waits for the person.",
  on_unknown: "What a guard does while its condition is unknown; without it: it applies.",
  skip: "The guard does not apply while its condition is unknown. Needs `because`.",
  because: "Why the exception is right.",
  none: "Nothing is recorded.",
  summary: "The decision is recorded in short.",
  full: "Everything about the decision is recorded.",
  keep: "A living connection goes on.",
  drain: "A living connection gets a bounded time to end.",
  close: "A living connection ends at once.",
  acr: "The authentication context that the sign-in must reach.",
  amr: "The authentication method that the sign-in must use, such as `hwk`.",
  confirm: "The person confirms.",
  reason: "The person gives a reason.",
  approve: "Somebody of the group approves.",
  use: "The backends to try, in this order.",
  max: "How long a break-glass token may last.",
  quorum: "How many different keys must sign a break-glass token.",
  keys: "The keys that may sign.",
  note: "A sentence for those who read the policy.",
  to: "The audience: user, support, audit_local, audit_remote or metrics.",
  show: "Shows the value as it is.",
  hide: "Hides the value.",
  mask: "Shows a little of the value.",
  hash: "Shows a pseudonym of the value.",
  coarse: "Shows the value roughly.",
  given: "The fixtures and facts of the test; later ones replace earlier ones.",
  expect: "The outcome that must come out.",
  by: "The rule that must decide; `lifeline` and `default` name the tier.",
  needs: "A requirement that must have failed, by its label or position.",
  because_unknown: "An attribute that must be the unknown that mattered.",
  via: "The backends that must come out, in this order.",
  breakglass: "Judge with an active break-glass token of this scope.",
  reveals: "What the audience must see.",
  hides: "What the audience must not see.",
  unknown: "The value should exist and is not known.",
  absent: "The value is legitimately not there.",
  and: "True when both sides are. False wins over unknown.",
  or: "True when one side is. True wins over unknown.",
  not: "The opposite; unknown stays unknown.",
  in: "Whether a value is in a list or set, a host matches a pattern, or an address lies in a network.",
  true: "The condition holds.",
  false: "The condition does not hold.",
};

const TABLE: ReadonlyMap<string, string> = new Map(Object.entries(WORDS));

/** What a word of the language means, in a sentence or two. */
export function meaningOf(word: string): string | undefined {
  return TABLE.get(word);
}

/** Every word of the language. */
export const languageWords: readonly string[] = [...TABLE.keys()];

export const itemWords = [
  "attribute",
  "set",
  "let",
  "lifeline",
  "guard",
  "policy",
  "route",
  "break_glass",
  "reveal",
  "fixture",
  "test",
] as const;
export type ItemWord = (typeof itemWords)[number];

export function isItemWord(word: string): word is ItemWord {
  return itemWords.some((candidate) => candidate === word);
}

export const outcomeWords = ["allow", "deny", "redirect", "step_up", "challenge"] as const;
export const actionWords = ["allow", "deny", "redirect", "rewrite", "step_up", "challenge"] as const;

/** Macros are no functions of the table: they bind a variable. */
export const macros: readonly { readonly name: string; readonly signature: string; readonly says: string }[] = [
  { name: "all", signature: "list.all(x, condition) -> bool", says: "Whether the condition holds for every entry." },
  { name: "exists", signature: "list.exists(x, condition) -> bool", says: "Whether the condition holds for one entry or more." },
  { name: "exists_one", signature: "list.exists_one(x, condition) -> bool", says: "Whether the condition holds for exactly one entry." },
  { name: "filter", signature: "list.filter(x, condition) -> list", says: "The entries for which the condition holds." },
  { name: "map", signature: "list.map(x, value) -> list", says: "The value made of each entry." },
];

export const hasMacro = { name: "has", signature: "has(attribute) -> bool", says: "Whether an optional attribute is there." };
