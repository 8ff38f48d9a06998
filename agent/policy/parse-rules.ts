import { describeToken, type Expression, parseExpression, type TokenStream } from "./expression/index.ts";
import { parseAction, parseElse } from "./parse-action.ts";
import type { GuardBlock, LetBlock, LifelineBlock, OnUnknown, PolicyBlock, RequireNode, RouteBlock, Word } from "./tree.ts";
import { oneOf, readName, readString, readStrings, spanFrom } from "./words.ts";

/** A block whose `at` and `kind` the caller knows. */
export type Parsed<B extends { readonly at: unknown; readonly kind: unknown }> = Omit<B, "at" | "kind"> | undefined;

/** `let strong = user.amr.exists(…)` */
export function parseLet(stream: TokenStream): Parsed<LetBlock> {
  const name = readName(stream, "the name of the let");
  if (name === undefined || stream.expect("=", "after the name") === undefined) return undefined;
  const value = parseExpression(stream);
  return value && { name, value };
}

/** `lifeline idp "sso.corp.example:443"` */
export function parseLifeline(stream: TokenStream): Parsed<LifelineBlock> {
  const name = readName(stream, "the name of the lifeline");
  const target = name && readString(stream, 'a target such as "host:443"');
  return name && target && { name, target };
}

export function parseGuard(stream: TokenStream): Parsed<GuardBlock> {
  const name = readOpening(stream, "guard");
  if (name === undefined) return undefined;
  const always = stream.accept("always") !== undefined;
  const when = stream.expect("when", "in the guard") && parseExpression(stream);
  const action = when && parseAction(stream);
  if (action === undefined || when === undefined) return undefined;
  const onUnknown = stream.is("on_unknown") ? parseOnUnknown(stream) : null;
  if (onUnknown === undefined || !closes(stream, "guard")) return undefined;
  return { name, always, when, action, ...(onUnknown && { onUnknown }) };
}

function parseOnUnknown(stream: TokenStream): OnUnknown | undefined {
  stream.next();
  const start = stream.peek();
  if (start.text === "step_up") {
    const action = parseAction(stream);
    return action && { kind: "step_up", action, at: action.at };
  }
  const kind = oneOf(stream, ["skip", "deny"] as const, "what to do while it is unknown (or step_up)");
  if (kind === undefined) return undefined;
  if (kind === "deny") return { kind, at: spanFrom(stream, start) };
  if (stream.expect("because", "after 'skip': an exception is always explained") === undefined) return undefined;
  const because = readString(stream, "the reason");
  return because && { kind, because: because.text, at: spanFrom(stream, start) };
}

export function parsePolicyBlock(stream: TokenStream): Parsed<PolicyBlock> {
  const name = readOpening(stream, "policy");
  if (name === undefined) return undefined;
  const when = parseWhen(stream);
  if (when === undefined) return undefined;
  const requires: RequireNode[] = [];
  while (stream.is("require")) {
    const require = parseRequire(stream, requires.length + 1);
    if (require === undefined) return undefined;
    requires.push(require);
  }
  const action = parseAction(stream);
  if (action === undefined || !closes(stream, "policy")) return undefined;
  return { name, ...(when && { when }), requires, action };
}

function parseRequire(stream: TokenStream, position: number): RequireNode | undefined {
  const start = stream.next();
  const label = parseLabel(stream) ?? { text: String(position), offset: start.offset, length: start.length };
  const condition = parseExpression(stream);
  if (condition === undefined) return undefined;
  const otherwise = stream.accept("else") === undefined ? parseSpoken(stream) : parseElse(stream);
  return otherwise && { label, condition, otherwise, at: spanFrom(stream, start) };
}

/** A name directly before a colon is a label; anything else begins the condition. */
function parseLabel(stream: TokenStream): Word | undefined {
  const mark = stream.mark();
  const name = stream.acceptName();
  if (name !== undefined && stream.accept(":") !== undefined) return { text: name.text, offset: name.offset, length: name.length };
  stream.reset(mark);
  return undefined;
}

/** `require x say "…" help "…"` without `else` denies. */
function parseSpoken(stream: TokenStream): RequireNode["otherwise"] | undefined {
  const at = { offset: stream.peek().offset, length: 0 };
  const say = stream.accept("say") ? readString(stream, "a sentence") : null;
  const help = stream.accept("help") ? readString(stream, "a link") : null;
  if (say === undefined || help === undefined) return undefined;
  return { kind: "deny", ...(say && { say: say.text }), ...(help && { help: help.text }), at };
}

export function parseRoute(stream: TokenStream): Parsed<RouteBlock> {
  const name = readOpening(stream, "route");
  if (name === undefined) return undefined;
  const when = parseWhen(stream);
  if (when === undefined || stream.expect("use", "in the route") === undefined) return undefined;
  const use = readStrings(stream, "the name of a backend");
  if (use === undefined || !closes(stream, "route")) return undefined;
  return { name, ...(when && { when }), use };
}

/** `null`: no `when` was written; `undefined`: a mistake. */
export function parseWhen(stream: TokenStream): Expression | null | undefined {
  return stream.accept("when") === undefined ? null : parseExpression(stream);
}

/** The name and the opening brace. */
export function readOpening(stream: TokenStream, what: string): Word | undefined {
  const name = readName(stream, `the name of the ${what}`);
  return name && stream.expect("{", `after the name of the ${what}`) && name;
}

/** The closing brace, or a note of what stands there instead. */
export function closes(stream: TokenStream, what: string): boolean {
  if (stream.accept("}") !== undefined) return true;
  stream.fail(`this does not belong into a ${what} here: ${describeToken(stream.peek())}`);
  return false;
}
