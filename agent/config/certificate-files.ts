import { X509Certificate } from "node:crypto";
import { dirname, join, resolve } from "node:path";
import { formatCause } from "../base/index.ts";
import type { ConfigFile } from "../contract/index.ts";
import type { ConfigFiles } from "./config-files.ts";
import type { PlacedMistake } from "./schema-mistakes.ts";
import type { Path } from "./yaml-tree.ts";

/** What a PEM file must hold at least one of. */
type Holds = "certificates" | "revocations" | "key";

interface PemFile {
  readonly path: Path;
  readonly file: string;
  readonly holds: Holds;
}

/** The PEM files that a configuration names, by absolute path. In memory only: keys are among them. */
export type PemTexts = ReadonlyMap<string, string>;

export interface ReadPemFiles {
  readonly texts: PemTexts;
  readonly mistakes: readonly PlacedMistake[];
}

const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Read every certificate, revocation list and key file of a configuration, before anything uses one: a broken file refuses the whole
 * attempt, and a reload that finds another content is a change even when the configuration's own text is the same.
 */
export async function readPemFiles(config: ConfigFile, configPath: string, files: ConfigFiles): Promise<ReadPemFiles> {
  const texts = new Map<string, string>();
  const mistakes: PlacedMistake[] = [];
  for (const pem of pemFilesOf(config, dirname(resolve(configPath)))) {
    try {
      const text = texts.get(pem.file) ?? (await readPem(pem.file, files));
      texts.set(pem.file, text);
      const problem = problemOf(text, pem.holds);
      if (problem !== undefined) mistakes.push(unusable(pem, problem));
    } catch (cause) {
      mistakes.push(unusable(pem, `cannot be read: ${formatCause(cause)}`));
    }
  }
  return { texts, mistakes };
}

/** A directory stands for all its files together. */
async function readPem(file: string, files: ConfigFiles): Promise<string> {
  const names = await files.list(file);
  const parts = names === undefined ? [file] : names.filter((name) => /\.(?:pem|crt|cer|crl)$/i.test(name)).map((name) => join(file, name));
  const texts: string[] = [];
  for (const part of parts) texts.push(Buffer.from(await files.read(part, MAX_BYTES)).toString("latin1"));
  return texts.join("\n");
}

function pemFilesOf(config: ConfigFile, directory: string): readonly PemFile[] {
  const found: PemFile[] = [];
  const add = (holder: unknown, path: Path, keys: Readonly<Record<string, Holds>>): void => {
    if (typeof holder !== "object" || holder === null) return;
    for (const [key, holds] of Object.entries(keys)) {
      const value: unknown = Reflect.get(holder, key);
      if (typeof value === "string") found.push({ path: [...path, key], file: resolve(directory, value), holds });
    }
  };
  for (const [name, listener] of Object.entries(config.listeners)) {
    if (listener.kind === "proxy") add(listener.tls, ["listeners", name, "tls"], SERVER);
    if (listener.kind === "persona") add(listener.tls, ["listeners", name, "tls"], CLIENT);
  }
  for (const [name, backend] of Object.entries(config.backends)) {
    if ("tls" in backend) add(backend.tls, ["backends", name, "tls"], CLIENT);
  }
  for (const [name, identity] of Object.entries(config.identities)) {
    if (identity.kind === "file") add(identity, ["identities", name], OWN);
  }
  return found;
}

const SERVER = { cert: "certificates", key: "key", client_ca: "certificates", crl: "revocations" } as const;
const OWN = { cert: "certificates", key: "key" } as const;
const CLIENT = { ca: "certificates", crl: "revocations" } as const;

const LABELS: Readonly<Record<Holds, RegExp>> = {
  certificates: /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED )?CERTIFICATE-----/g,
  revocations: /-----BEGIN X509 CRL-----[\s\S]*?-----END X509 CRL-----/g,
  key: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[\s\S]*?-----END (?:[A-Z]+ )*PRIVATE KEY-----/g,
};

const WORDS: Readonly<Record<Holds, string>> = { certificates: "certificate", revocations: "revocation list", key: "private key" };

function problemOf(text: string, holds: Holds): string | undefined {
  const blocks = text.match(LABELS[holds]) ?? [];
  if (blocks.length === 0) return `holds no ${WORDS[holds]} (PEM)`;
  if (holds !== "certificates") return undefined;
  const broken = blocks.findIndex((block) => !isCertificate(block));
  return broken < 0 ? undefined : `holds a certificate that cannot be read (number ${broken + 1})`;
}

function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).raw.length > 0;
  } catch {
    return false;
  }
}

function unusable({ path, file }: PemFile, problem: string): PlacedMistake {
  return { path, at: "value", code: "E_CERTIFICATE", message: `${file} ${problem}`, hint: "paths are relative to this file" };
}
