import { hash } from "node:crypto";

/** What the first record of a chain follows. */
export const genesis = "0".repeat(64);

/** The digest of a record: SHA-256 over the digest before it (hex) and its own canonical JSON, hex. */
export function linkHash(prev: string, canonical: string): string {
  return hash("sha256", prev + canonical, "hex");
}

/**
 * JSON with sorted keys and no spaces, what is undefined left out: one text for one meaning, so that a copy of a record that went
 * through other programs can still be checked. The records of this room are built in this order to begin with.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  // A null prototype: a key named `__proto__` is a key like any other.
  const result = Object.create(null) as Record<string, unknown>;
  for (const [key, inner] of entries) result[key] = sorted(inner);
  return result;
}
