export type TokenKind = "comment" | "text" | "number" | "word" | "outcome" | "attribute" | "label" | "plain";

export interface PolicyToken {
  readonly kind: TokenKind;
  readonly text: string;
}

const words =
  "portail policy attribute set let lifeline guard route break_glass reveal fixture test source max_age stale fallback class optional hosts nets " +
  "always when require else say help hold for on_change on_unknown skip because log none summary full keep drain close use to show hide mask hash coarse " +
  "given expect by needs because_unknown via breakglass reveals hides next and or not in true false unknown absent max quorum keys note confirm reason approve amr acr";
const outcomes = "allow deny redirect rewrite step_up challenge";

/** In this order: the first that matches at a place decides. Nothing in it can backtrack over more than one token. */
const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ["text", /(?<==~\s*)\/(?:[^/\\\n]|\\.)*\/?/y],
  ["comment", /(?:#|\/\/)[^\n]*/y],
  ["text", /"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?/y],
  ["label", /[a-z][\w-]*:(?!\S)/iy],
  ["attribute", /[a-z_]+(?:\.[a-z_]+(?![\w(]))+/y],
  ["number", /\d+(?:\.\d+)?(?:ms|[smhd%])?\b/y],
  ["outcome", new RegExp(`(?:${outcomes.replaceAll(" ", "|")})(?![\\w-])`, "y")],
  ["word", new RegExp(`(?:${words.replaceAll(" ", "|")})(?![\\w-])`, "y")],
  ["plain", /[\w-]+|\s+|[^\s\w"#]/y],
];

/** Cut a policy text for colouring: total, in order, nothing lost. It judges nothing; errors are the checker's matter. */
export function tokensOf(text: string): PolicyToken[] {
  const tokens: PolicyToken[] = [];
  let at = 0;
  while (at < text.length) {
    const token = tokenAt(text, at);
    const last = tokens.at(-1);
    if (last !== undefined && last.kind === "plain" && token.kind === "plain")
      tokens[tokens.length - 1] = { kind: "plain", text: last.text + token.text };
    else tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

function tokenAt(text: string, at: number): PolicyToken {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    if (found !== undefined && found !== "") return { kind, text: found };
  }
  return { kind: "plain", text: text.charAt(at) };
}
