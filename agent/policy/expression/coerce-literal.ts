import { canonicalHost } from "./host.ts";
import { parseIp } from "./ip.ts";
import { type Judgement, refuse, type Scope } from "./judgement.ts";
import type { Typed } from "./typed.ts";
import { type Type, types, unify } from "./value-type.ts";
import { canonicalVersion } from "./version.ts";

/** Two nodes of one type. */
export interface Pair {
  readonly nodes: readonly [Typed, Typed];
  readonly type: Type;
}

/**
 * Bring two sides to one type: equal types, or a text literal beside a host, an ip or a version, which is then read as
 * one. `undefined` when the types do not go together, `"refused"` when a literal is not what it should be.
 */
export function coerceTogether(one: Judgement, other: Judgement, scope: Scope): Pair | "refused" | undefined {
  const type = unify(one.node.type, other.node.type);
  if (type !== undefined) return { nodes: [one.node, other.node], type };
  const left = readLiteral(one.node, other.node.type, scope);
  if (left === "refused") return left;
  if (left !== undefined) return { nodes: [left, other.node], type: left.type };
  const right = readLiteral(other.node, one.node.type, scope);
  if (right === "refused" || right === undefined) return right;
  return { nodes: [one.node, right], type: right.type };
}

/** A text literal read as the wanted type; `undefined` when it is no literal or the type has no literals of its own. */
function readLiteral(node: Typed, wanted: Type, scope: Scope): Typed | "refused" | undefined {
  if (node.kind !== "constant" || node.type.kind !== "string" || typeof node.value !== "string") return undefined;
  if (wanted.kind === "host") return readHost(node, node.value, scope);
  if (wanted.kind === "ip") return readIp(node, node.value, scope);
  return wanted.kind === "version" ? readVersion(node, node.value, scope) : undefined;
}

function readIp(node: Typed, text: string, scope: Scope): Typed | "refused" {
  const canonical = parseIp(text)?.text;
  if (canonical === text) return { ...node, type: types.ip };
  const hint = canonical === undefined ? "networks stand in a list: x in ['10.0.0.0/8']" : `write '${canonical}'`;
  refuse(scope, node, ["E_NET_PATTERN", `'${text}' is not a canonical IP address`, hint]);
  return "refused";
}

function readVersion(node: Typed, text: string, scope: Scope): Typed | "refused" {
  const value = canonicalVersion(text);
  if (value !== undefined) return { kind: "constant", value, type: types.version, offset: node.offset, length: node.length };
  refuse(scope, node, ["E_LITERAL", `'${text}' is not a version`, "versions look like 14.2.1"]);
  return "refused";
}

function readHost(node: Typed, text: string, scope: Scope): Typed | "refused" {
  const host = canonicalHost(text)?.value;
  if (host === text) return { ...node, type: types.host };
  const isPattern = text.startsWith(".") || text.startsWith("*");
  const hint = isPattern ? `write 'in ["${text}"]' to match a pattern` : host === undefined ? "" : `write '${host}'`;
  const message = isPattern ? `'==' compares with one host, and '${text}' is a pattern` : `'${text}' is not a canonical host`;
  refuse(scope, node, ["E_HOST_PATTERN", message, hint]);
  return "refused";
}
