import type { TokenStream } from "./expression/index.ts";
import type { ActionNode, LogLevel, NextNode, OnChange } from "./tree.ts";
import { readSettings, settings, take } from "./settings.ts";
import { oneOf, readDuration, readString, spanFrom } from "./words.ts";

export const actionWords = ["allow", "deny", "redirect", "rewrite", "step_up", "challenge"] as const;

/** `deny say "…"`, `allow log full for 4h`, `step_up amr "hwk" hold 60s`: an action with its options in any order. */
export function parseAction(stream: TokenStream): ActionNode | undefined {
  const start = stream.peek();
  const kind = oneOf(stream, actionWords, "an action");
  if (kind === undefined) return undefined;
  const parts = parseObject(stream, kind);
  if (parts === undefined) return undefined;
  const options = parseOptions(stream, kind);
  if (options === undefined) return undefined;
  return build({ ...parts, ...options }, spanFrom(stream, start));
}

/** What may follow `else`. */
export function parseElse(stream: TokenStream): ActionNode | NextNode | undefined {
  const next = stream.accept("next");
  if (next !== undefined) return { kind: "next", at: { offset: next.offset, length: next.length } };
  if (stream.is("allow") || stream.is("rewrite")) {
    return stream.fail("a requirement that fails cannot lead to an allow", { hint: "use deny, step_up, challenge, redirect or next" });
  }
  return parseAction(stream);
}

type ActionHead =
  | { readonly kind: "allow" | "deny" }
  | { readonly kind: "redirect" | "rewrite"; readonly target: { readonly text: string; readonly offset: number; readonly length: number } }
  | { readonly kind: "step_up"; readonly what: "acr" | "amr" | "max_age"; readonly value: string }
  | { readonly kind: "challenge"; readonly what: "confirm" | "reason" | "approve"; readonly value?: string };

function parseObject(stream: TokenStream, kind: (typeof actionWords)[number]): ActionHead | undefined {
  switch (kind) {
    case "allow":
    case "deny":
      return { kind };
    case "redirect":
    case "rewrite": {
      const target = readString(stream, kind === "redirect" ? 'a link such as "https://…"' : 'a target such as "host:443"');
      return target && { kind, target };
    }
    case "step_up":
      return parseStepUp(stream);
    case "challenge":
      return parseChallenge(stream);
  }
}

function parseStepUp(stream: TokenStream): ActionHead | undefined {
  const what = oneOf(stream, ["acr", "amr", "max_age"] as const, "what to step up");
  if (what === undefined) return undefined;
  if (what === "max_age") {
    const age = readDuration(stream);
    return age && { kind: "step_up", what, value: age.text };
  }
  const value = readString(stream, `the ${what} that is asked for`);
  return value && { kind: "step_up", what, value: value.text };
}

function parseChallenge(stream: TokenStream): ActionHead | undefined {
  const what = oneOf(stream, ["confirm", "reason", "approve"] as const, "what the person must do");
  if (what !== "approve") return what && { kind: "challenge", what };
  const group = readString(stream, "the group that approves");
  return group && { kind: "challenge", what, value: group.text };
}

interface Options {
  say?: string;
  help?: string;
  log?: LogLevel;
  forMs?: number;
  onChange?: OnChange;
  holdMs?: number;
}

/** Which options an action may carry. */
const ALLOWED: Readonly<Record<(typeof actionWords)[number], readonly string[]>> = {
  allow: ["log", "for", "on_change", "say", "help"],
  rewrite: ["log", "for", "on_change", "say", "help"],
  deny: ["say", "help"],
  redirect: ["say", "help"],
  step_up: ["hold", "say", "help"],
  challenge: ["hold", "say", "help"],
};

const READERS = settings<Options>({
  say: (stream, options) => take(readString(stream, "a sentence"), (word) => (options.say = word.text)),
  help: (stream, options) => take(readString(stream, "a link"), (word) => (options.help = word.text)),
  log: (stream, options) => take(oneOf(stream, ["none", "summary", "full"] as const, "a log level"), (level) => (options.log = level)),
  for: (stream, options) => take(readDuration(stream), (time) => (options.forMs = time.ms)),
  hold: (stream, options) => take(readDuration(stream), (time) => (options.holdMs = time.ms)),
  on_change: (stream, options) =>
    take(oneOf(stream, ["keep", "drain", "close"] as const, "what happens on change"), (word) => (options.onChange = word)),
});

function parseOptions(stream: TokenStream, kind: (typeof actionWords)[number]): Options | undefined {
  const options: Options = {};
  return readSettings(stream, READERS, options, { of: kind, only: ALLOWED[kind] }) ? options : undefined;
}

function build(parts: ActionHead & Options, at: ActionNode["at"]): ActionNode {
  switch (parts.kind) {
    case "allow":
    case "deny":
      return { ...parts, kind: parts.kind, at };
    case "redirect": {
      const { target, ...rest } = parts;
      return { ...rest, kind: "redirect", url: target, at };
    }
    case "rewrite":
      return { ...parts, kind: "rewrite", at };
    case "step_up":
    case "challenge":
      return { ...parts, holdMs: parts.holdMs ?? 0, at };
  }
}
