import { parseHostPattern } from "../../policy/index.ts";

/** Hosts on both sides of a pattern's borders: what it names, below, twice below, above, and names that only look alike. */
export function hostsAround(text: string): readonly string[] {
  const parsed = parseHostPattern(text);
  if (parsed.kind === "bad") return [];
  const { base } = parsed.pattern;
  if (/^[\d.]+$|:/.test(base)) return [base];
  return [base, `a.${base}`, `b.a.${base}`, `x${base}`, `${base}.evil.example`];
}

/** A host that no policy is likely to name. */
export const foreignHost = "unnamed.invalid";
