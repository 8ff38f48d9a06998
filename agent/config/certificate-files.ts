import { X509Certificate } from "node:crypto";
import { dirname, join, resolve } from "node:path";
import { formatCause } from "../base/index.ts";
import type { ConfigFile } from "../contract/index.ts";
import { authoritiesAt, isAuthorityWord } from "./authorities.ts";
import { isUrl } from "./build-config.ts";
import type { ConfigFiles } from "./config-files.ts";
import type { PlacedMistake } from "./schema-mistakes.ts";
import type { LoadOptions } from "./snapshot.ts";
import type { Path } from "./yaml-tree.ts";

/** What a PEM file must hold at least one of. */
type Holds = "certificates" | "revocations" | "key" | "pins" | "container" | "script" | "pac";

interface PemFile {
  readonly path: Path;
  readonly file: string;
  readonly holds: Holds;
}

/** The PEM files that a configuration names, by absolute path or by their word. In memory only: keys are among them. */
export type PemTexts = ReadonlyMap<string, string>;

export interface ReadPemFiles {
  readonly texts: PemTexts;
  readonly mistakes: readonly PlacedMistake[];
}

const MAX_BYTES = 8 * 1024 * 1024;
const MAX_SCRIPT_BYTES = 1024 * 1024;

/**
 * Read every certificate, revocation list and key file of a configuration, before anything uses one: a broken file refuses the whole
 * attempt, and a reload that finds another content is a change even when the configuration's own text is the same.
 */
export async function readPemFiles(
  config: ConfigFile,
  configPath: string,
  from: Pick<LoadOptions, "files" | "clock">,
): Promise<ReadPemFiles> {
  const texts = new Map<string, string>();
  const mistakes: PlacedMistake[] = [];
  for (const pem of pemFilesOf(config, dirname(resolve(configPath)))) {
    try {
      const text = texts.get(pem.file) ?? (await readText(pem, from));
      texts.set(pem.file, text);
      const problem = problemOf(text, pem.holds);
      if (problem !== undefined) mistakes.push(unusable(pem, problem));
    } catch (cause) {
      mistakes.push(isAuthorityWord(pem.file) ? unknownWord(pem, cause) : unusable(pem, `cannot be read: ${formatCause(cause)}`));
    }
  }
  return { texts, mistakes };
}

async function readText({ file, holds }: PemFile, { files, clock }: Pick<LoadOptions, "files" | "clock">): Promise<string> {
  if (holds === "script" || holds === "pac")
    return new TextDecoder("utf-8", { fatal: true }).decode(await files.read(file, MAX_SCRIPT_BYTES));
  if (!isAuthorityWord(file)) return readPem(file, files);
  const now = clock.now();
  // What has expired can vouch for nobody; lists that others keep carry such authorities for years.
  const current = (await files.authorities(file)).filter((text) => (certificateIn(text)?.validToDate.getTime() ?? 0) > now);
  return current.join("\n");
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
      for (const one of listed(value, [...path, key])) {
        if (holds !== "pins")
          found.push({ path: one.path, file: key === "ca" ? authoritiesAt(one.text, directory) : resolve(directory, one.text), holds });
        else if (one.text.startsWith("file:")) found.push({ path: one.path, file: resolve(directory, one.text.slice(5)), holds });
      }
    }
  };
  for (const [name, listener] of Object.entries(config.listeners)) {
    if (listener.kind === "proxy") add(listener.tls, ["listeners", name, "tls"], SERVER);
    if (listener.kind === "persona") add(listener.tls, ["listeners", name, "tls"], CLIENT);
  }
  for (const [name, backend] of Object.entries(config.backends)) {
    if ("tls" in backend) add(backend.tls, ["backends", name, "tls"], CLIENT);
    if (backend.kind === "environment") add(backend, ["backends", name], { ca: "certificates" });
    if (backend.kind === "pac") add(backend, ["backends", name], { ca: "certificates", ...(isUrl(backend.pac) ? {} : { pac: "pac" }) });
  }
  for (const [name, identity] of Object.entries(config.identities)) {
    add(identity.enroll, ["identities", name, "enroll"], CLIENT);
    // A pair that is enrolled for may not be there yet, and is renewed without a reload: its own room reads it.
    if (identity.kind === "file" && identity.enroll === undefined) add(identity, ["identities", name], OWN);
  }
  return found;
}

function listed(value: unknown, path: Path): readonly { readonly path: Path; readonly text: string }[] {
  if (typeof value === "string") return [{ path, text: value }];
  return Array.isArray(value) ? value.flatMap((one: unknown, index) => listed(one, [...path, index])) : [];
}

const SERVER = { cert: "certificates", key: "key", client_ca: "certificates", crl: "revocations" } as const;
const OWN = { cert: "certificates", key: "key", p12: "container" } as const;
const CLIENT = { ca: "certificates", crl: "revocations", pins: "pins", verify: "script" } as const;

const LABELS: Readonly<Record<Holds, RegExp>> = {
  certificates: /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED )?CERTIFICATE-----/g,
  revocations: /-----BEGIN X509 CRL-----[\s\S]*?-----END X509 CRL-----/g,
  key: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[\s\S]*?-----END (?:[A-Z]+ )*PRIVATE KEY-----/g,
  // DER: a SEQUENCE of more than 255 bytes. What is in it is known when its password is.
  container: /^\x30\x82/g,
  pac: /\bFindProxyForURL\b/g,
  script: /^\s*export\s[\s\S]*$/gm,
  pins: /^sha256\/[A-Za-z0-9+/]{43}=[ \t]*(?:#.*)?$/gm,
};

const WORDS: Readonly<Record<Holds, string>> = {
  certificates: "certificate (PEM)",
  revocations: "revocation list (PEM)",
  key: "private key (PEM)",
  container: "PKCS#12 container",
  pac: "function `FindProxyForURL`",
  script: "`export default function verify(server)`",
  pins: "line `sha256/…`",
};

/** Pins in the text of a file, base64; a line may end in a remark after `#`. */
export function pinsIn(text: string): readonly string[] {
  return (text.match(LABELS.pins) ?? []).map((line) => line.slice(7, 51));
}

function problemOf(text: string, holds: Holds): string | undefined {
  const blocks = text.match(LABELS[holds]) ?? [];
  if (blocks.length === 0) return `holds no ${WORDS[holds]}`;
  if (holds === "pins") return strayLine(text, blocks.length);
  if (holds !== "certificates") return undefined;
  const broken = blocks.findIndex((block) => certificateIn(block) === undefined);
  return broken < 0 ? undefined : `holds a certificate that cannot be read (number ${broken + 1})`;
}

/** A pin that is mistyped must not be taken for a remark. */
function strayLine(text: string, pins: number): string | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "" && !line.startsWith("#"));
  return lines.length === pins ? undefined : "holds a line that is neither a pin nor a remark after `#`";
}

function certificateIn(block: string): X509Certificate | undefined {
  try {
    return new X509Certificate(block);
  } catch {
    return undefined;
  }
}

function unknownWord({ path, file }: PemFile, cause: unknown): PlacedMistake {
  const [word, ...hint] = (cause instanceof Error ? cause.message : String(cause)).split(": ");
  return { path, at: "value", code: "E_CERTIFICATE", message: `${file} ${word}`, hint: hint.join(": ") || undefined };
}

function unusable({ path, file }: PemFile, problem: string): PlacedMistake {
  return { path, at: "value", code: "E_CERTIFICATE", message: `${file} ${problem}`, hint: "paths are relative to this file" };
}
