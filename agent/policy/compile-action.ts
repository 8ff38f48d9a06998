import type { Diagnostics } from "./diagnostics.ts";
import { canonicalHost, type Span } from "./expression/index.ts";
import type { CompiledAction } from "./program.ts";
import type { ActionNode, Word } from "./tree.ts";

/** An action as it is carried out; mistakes in links and targets are noted. */
export function compileAction(node: ActionNode, diagnostics: Diagnostics): CompiledAction {
  const spoken = { ...(node.say !== undefined && { say: node.say }), ...(node.help !== undefined && { help: node.help }) };
  const refusal = { ...spoken, log: "full", onChange: "close", holdMs: 0 } as const;
  switch (node.kind) {
    case "allow":
      return { ...spoken, outcome: "allow", ...allowance(node) };
    case "rewrite":
      return { ...spoken, outcome: "allow", ...allowance(node), rewrite: readTarget(node.target, diagnostics) ?? { host: "", port: 0 } };
    case "deny":
      return { ...refusal, outcome: "deny" };
    case "redirect":
      return { ...refusal, outcome: "redirect", redirect: readLink(node.url, diagnostics) };
    case "step_up":
    case "challenge":
      return {
        ...refusal,
        outcome: node.kind,
        ask: { what: node.what, ...(node.value !== undefined && { value: node.value }) },
        holdMs: node.holdMs,
      };
  }
}

function allowance(
  node: Extract<ActionNode, { kind: "allow" | "rewrite" }>,
): Pick<CompiledAction, "log" | "onChange" | "holdMs" | "lifetimeMs"> {
  return {
    log: node.log ?? "summary",
    onChange: node.onChange ?? "drain",
    holdMs: 0,
    ...(node.forMs !== undefined && { lifetimeMs: node.forMs }),
  };
}

/** SECURITY: only web links; a `javascript:` or `file:` link in a refusal page would run with the reader's rights. */
function readLink(url: Word, diagnostics: Diagnostics): string {
  const parsed = URL.parse(url.text);
  const fine =
    parsed !== null && (parsed.protocol === "https:" || parsed.protocol === "http:") && parsed.username === "" && parsed.password === "";
  if (!fine)
    diagnostics.error(url, "E_TARGET", "a redirect needs a web link without a password", 'such as "https://wiki.corp.example/moved"');
  return url.text;
}

/** `host:port` or `[::1]:443`, canonical. */
export function readTarget(target: Word, diagnostics: Diagnostics): { readonly host: string; readonly port: number } | undefined {
  const match = /^(.+):(\d{1,5})$/.exec(target.text);
  const port = Number(match?.[2]);
  const host = canonicalHost(match?.[1] ?? "");
  if (host !== undefined && port >= 1 && port <= 65_535) return { host: host.value, port };
  diagnostics.error(spanOf(target), "E_TARGET", `'${target.text}' is no host and port`, 'write "host:443"');
  return undefined;
}

function spanOf(word: Word): Span {
  return { offset: word.offset, length: word.length };
}
