/** What the tests of these tools share. */
import { createHash } from "node:crypto";
import { loadPolicy, parsePolicy, type LoadResult, type Policy } from "../policy/index.ts";

export const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

export function loadText(text: string, file = "x.portail"): LoadResult {
  return loadPolicy(text, { file, hash: sha256 });
}

/** Load a text that must be right. */
export function loadOk(text: string): Policy {
  const { policy, problems } = loadText(text);
  if (policy !== undefined) return policy;
  throw new Error(`${problems.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`).join("\n")}\n${text}`);
}

/** What a text says, without places. */
export function bareTree(text: string): unknown {
  const { tree, problems } = parsePolicy(text);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return withoutPlaces(tree);
}

function withoutPlaces(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutPlaces);
  if (typeof node !== "object" || node === null) return node;
  const bare: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === "offset" || key === "length" || (key === "at" && "offset" in Object(value))) continue;
    bare[key] = withoutPlaces(value);
  }
  return bare;
}
