import { dirname, resolve } from "node:path";
import { childOf } from "./config-schema.ts";
import type { PlacedMistake } from "./schema-mistakes.ts";
import type { Path } from "./yaml-tree.ts";

/** A file with something secret in it, and where the configuration names it. */
export interface SecretReference {
  readonly path: Path;
  readonly file: string;
  /** It is made when it is needed first. */
  readonly mayBeMissing?: boolean;
}

/** What the loader sees of a file. */
export interface FileAccess {
  readonly mode: number;
  readonly uid: number;
}

/** Keys whose value is `file:` and a path, and keys that name a file with a private key. */
const REFERENCE_KEYS = new Set(["password", "pin", "token", "client_secret", "mac"]);
const PRIVATE_KEY_KEYS = new Set(["key", "p12"]);

/** Every secret that a checked configuration refers to. */
export function secretReferencesIn(value: unknown, configPath: string, path: Path = []): readonly SecretReference[] {
  if (typeof value !== "object" || value === null) return [];
  return Reflect.ownKeys(value).flatMap((key) => {
    const child = childOf(value, key);
    // A token of a TPM is known by its label.
    const isLabel = key === "token" && childOf(value, "kind") === "tpm2";
    const file = typeof child === "string" && !isLabel ? secretFile(String(key), child) : undefined;
    // The key of an identity that is enrolled for is made when there is none.
    const mayBeMissing = PRIVATE_KEY_KEYS.has(String(key)) && childOf(value, "enroll") !== undefined;
    if (file !== undefined) return [{ path: [...path, key], file: resolve(dirname(configPath), file), mayBeMissing }];
    return secretReferencesIn(child, configPath, [...path, key]);
  });
}

function secretFile(key: string, text: string): string | undefined {
  if (REFERENCE_KEYS.has(key)) return text.replace(/^file:/, "");
  return PRIVATE_KEY_KEYS.has(key) ? text : undefined;
}

/** SECURITY: a secret that others can read is none, and using it would hide that. */
export function describeAccess({ path, file, mayBeMissing }: SecretReference, access: FileAccess | undefined): PlacedMistake | undefined {
  const at = "value";
  if (access === undefined && mayBeMissing === true) return undefined;
  if (access === undefined)
    return { path, at, code: "E_SECRET", message: `${file} cannot be read`, hint: "check the path; it is relative to this file" };
  if ((access.mode & 0o077) === 0) return undefined;
  const mode = (access.mode & 0o777).toString(8).padStart(4, "0");
  return {
    path,
    at,
    code: "E_SECRET",
    message: `${file} can be read by other users (mode ${mode})`,
    hint: `run: chmod 600 '${file}', and renew the secret`,
  };
}
