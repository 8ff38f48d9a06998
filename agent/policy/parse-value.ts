import { describeToken, limits, type TokenStream } from "./expression/index.ts";
import type { ValueNode } from "./tree.ts";
import { spanFrom } from "./words.ts";

/** A literal of a fixture or a fallback; `unknown` and `absent` are values of a fixture too. */
export function parseValue(stream: TokenStream, depth = 0): ValueNode | undefined {
  if (depth > limits.depth) return stream.fail("this value is nested too deep", { code: "E_LIMIT" });
  const token = stream.peek();
  if (stream.is("[")) return parseList(stream, depth);
  if (stream.is("{")) return parseMap(stream, depth);
  if (stream.is("-")) return parseNegative(stream);
  const value = scalarOf(token);
  if (value === undefined) return stream.fail(`expected a value, found ${describeToken(token)}`);
  stream.next();
  return value;
}

type Token = ReturnType<TokenStream["peek"]>;

type Make = (at: ValueNode["at"]) => ValueNode;

const WORDS = new Map<string, Make>([
  ["true", (at) => ({ kind: "bool", value: true, at })],
  ["false", (at) => ({ kind: "bool", value: false, at })],
  ["unknown", (at) => ({ kind: "unknown", at })],
  ["absent", (at) => ({ kind: "absent", at })],
]);

function scalarOf(token: Token): ValueNode | undefined {
  const at = { offset: token.offset, length: token.length };
  switch (token.kind) {
    case "string":
      return { kind: "string", value: token.value, at };
    case "int":
    case "double":
      return { kind: "number", value: token.value, isInt: token.kind === "int", at };
    case "duration":
      return { kind: "duration", ms: token.value, at };
    case "word":
      return WORDS.get(token.text)?.(at);
    case "mark":
    case "end":
    case "quoted":
    case "regex":
    case "bad":
      return undefined;
  }
}

function parseNegative(stream: TokenStream): ValueNode | undefined {
  const start = stream.next();
  const value = scalarOf(stream.peek());
  if (value?.kind !== "number") return stream.fail(`expected a number after '-', found ${describeToken(stream.peek())}`);
  stream.next();
  return { ...value, value: -value.value, at: spanFrom(stream, start) };
}

function parseList(stream: TokenStream, depth: number): ValueNode | undefined {
  const start = stream.next();
  const items: ValueNode[] = [];
  while (stream.accept("]") === undefined) {
    const item = parseValue(stream, depth + 1);
    if (item === undefined) return undefined;
    items.push(item);
    if (items.length > limits.builtEntries)
      return stream.fail(`a list has at most ${limits.builtEntries} entries`, { code: "E_LIMIT", span: item.at });
    if (stream.accept(",") === undefined && !stream.is("]"))
      return stream.fail(`expected ',' or ']', found ${describeToken(stream.peek())}`);
  }
  return { kind: "list", items, at: spanFrom(stream, start) };
}

function parseMap(stream: TokenStream, depth: number): ValueNode | undefined {
  const start = stream.next();
  const entries: { key: string; value: ValueNode }[] = [];
  while (stream.accept("}") === undefined) {
    const key = stream.peek();
    if (key.kind !== "string") return stream.fail(`expected a key in quotes, found ${describeToken(key)}`);
    stream.next();
    if (stream.expect(":", "after the key") === undefined) return undefined;
    const value = parseValue(stream, depth + 1);
    if (value === undefined) return undefined;
    entries.push({ key: key.value, value });
    if (entries.length > limits.builtEntries)
      return stream.fail(`a map has at most ${limits.builtEntries} entries`, { code: "E_LIMIT", span: key });
    if (stream.accept(",") === undefined && !stream.is("}"))
      return stream.fail(`expected ',' or '}', found ${describeToken(stream.peek())}`);
  }
  return { kind: "map", entries, at: spanFrom(stream, start) };
}
