import type { Fact, FactValue } from "../connection/index.ts";
import { parseType, TokenStream, type Type } from "./expression/index.ts";
import { readLiteral } from "./fixture-value.ts";
import { parseValue } from "./parse-value.ts";
import type { Policy } from "./policy.ts";
import { suggest } from "./suggest.ts";
import type { ValueNode } from "./tree.ts";

export type AttributeValue = { readonly fact: Fact } | { readonly problem: string };

/** Types whose values people write without quotes on a command line. */
const plainTexts: ReadonlySet<string> = new Set(["string", "host", "ip", "version", "timestamp"]);

/**
 * `--set attribute=value`: the value as a fixture writes it, with two liberties of the command line: texts need no quotes, and a list may
 * be written with commas and without brackets. `unknown` and `absent` mean just that.
 */
export function parseAttributeValue(policy: Pick<Policy, "attributes">, path: string, text: string): AttributeValue {
  const attribute = policy.attributes.get(path);
  if (attribute === undefined) {
    const hint = suggest(path, policy.attributes.keys());
    return { problem: `the policy knows no attribute '${path}'${hint === undefined ? "" : `, ${hint}`}` };
  }
  const type = parseType(new TokenStream(attribute.type));
  if (type === undefined) return { problem: `the type '${attribute.type}' cannot be read` };
  if (text === "unknown") return { fact: { kind: "unknown", why: "set to unknown" } };
  if (text === "absent") return { fact: { kind: "absent" } };
  const value = readValue(text, type);
  return value === undefined
    ? { problem: `expected a value of type ${attribute.type}` }
    : { fact: { kind: "known", value, source: "given" } };
}

function readValue(text: string, type: Type): FactValue | undefined {
  const node = parseWhole(text) ?? plainText(text, type);
  const read = node === undefined ? undefined : readLiteral(node, type);
  if (read?.kind === "value") return read.value;
  const plain = plainText(text, type);
  const again = plain === undefined ? undefined : readLiteral(plain, type);
  return again?.kind === "value" ? again.value : undefined;
}

/** The text as one literal of the language, and nothing behind it. */
function parseWhole(text: string): ValueNode | undefined {
  const stream = new TokenStream(text);
  const node = parseValue(stream);
  return stream.problems.length === 0 && stream.peek().kind === "end" ? node : undefined;
}

function plainText(text: string, type: Type): ValueNode | undefined {
  const at = { offset: 0, length: text.length };
  if (plainTexts.has(type.kind)) return { kind: "string", value: text, at };
  if (type.kind !== "list" || text.trim() === "") return undefined;
  const items = text.split(",").map((item) => parseWhole(item.trim()) ?? plainText(item.trim(), type.entry));
  return items.every((item) => item !== undefined) ? { kind: "list", items, at } : undefined;
}
