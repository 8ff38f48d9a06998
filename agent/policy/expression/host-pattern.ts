import { canonicalHost } from "./host.ts";

/**
 * How a policy names hosts.
 *
 * | written  | kind      | matches                         |
 * | -------- | --------- | ------------------------------- |
 * | `a.b`    | exact     | `a.b`                           |
 * | `*.a.b`  | one-label | `x.a.b`, not `x.y.a.b`          |
 * | `**.a.b` | below     | `x.a.b` and `x.y.a.b`           |
 * | `.a.b`   | domain    | `a.b` and everything below it   |
 */
export interface HostPattern {
  readonly kind: "exact" | "one-label" | "below" | "domain";
  /** The name or address after the wildcard, canonical. */
  readonly base: string;
}

/** Either the pattern, or why it is none and, where it can be told, how to write it. */
export type ParsedHostPattern =
  | { readonly kind: "pattern"; readonly pattern: HostPattern }
  | { readonly kind: "bad"; readonly message: string; readonly hint: string };

const PREFIXES = [
  ["**.", "below"],
  ["*.", "one-label"],
  [".", "domain"],
  ["", "exact"],
] as const;

/** Read a pattern. It must be written canonically, so that what the reader of a policy sees is what is compared. */
export function parseHostPattern(text: string): ParsedHostPattern {
  const [prefix, kind] = PREFIXES.find(([start]) => text.startsWith(start)) ?? ["", "exact"];
  const written = text.slice(prefix.length);
  const base = canonicalHost(written);
  if (base === undefined || (kind !== "exact" && base.kind === "ip")) {
    return {
      kind: "bad",
      message: `'${text}' is not a host pattern`,
      hint: "patterns are a.b, *.a.b (one label), **.a.b (below), .a.b (a.b and below)",
    };
  }
  if (base.value !== written)
    return { kind: "bad", message: `the host pattern '${text}' is not canonical`, hint: `write '${prefix}${base.value}'` };
  return { kind: "pattern", pattern: { kind, base: base.value } };
}

export function formatHostPattern(pattern: HostPattern): string {
  const prefix = PREFIXES.find(([, kind]) => kind === pattern.kind)?.[0] ?? "";
  return prefix + pattern.base;
}
