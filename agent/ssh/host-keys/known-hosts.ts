import { createHmac } from "node:crypto";

/**
 * The file format of OpenSSH, sshd(8) "SSH_KNOWN_HOSTS FILE FORMAT": `[marker] names type key [comment]`. Names are patterns separated by
 * commas, with `*`, `?` and `!`, or one hashed name `|1|salt|hash`; a port other than 22 is written `[host]:port`.
 */
export interface KnownHost {
  readonly marker: "none" | "cert-authority" | "revoked" | "unknown";
  readonly names: string;
  /** As SSH names it, `ssh-ed25519`; undefined when the line cannot be read further. */
  readonly algorithm: string | undefined;
  /** The public key as it travels; undefined when it cannot be read. */
  readonly key: Buffer | undefined;
  /** Counted from 1. */
  readonly line: number;
}

/** Every line that says something, also those that cannot be read: what they were meant to say must not be taken for nothing. */
export function parseKnownHosts(text: string): KnownHost[] {
  return text.split("\n").flatMap((line, index) => parseLine(line.trim(), index + 1) ?? []);
}

function parseLine(text: string, line: number): KnownHost | undefined {
  if (text === "" || text.startsWith("#")) return undefined;
  const words = text.split(/[ \t]+/);
  const marker = text.startsWith("@") ? markerOf(words.shift()) : "none";
  const [names = "", algorithm, base64] = words;
  const key = base64 === undefined ? undefined : parseKey(algorithm, base64);
  return { marker, names, algorithm: key === undefined ? undefined : algorithm, key, line };
}

function markerOf(word: string | undefined): KnownHost["marker"] {
  if (word === "@cert-authority") return "cert-authority";
  return word === "@revoked" ? "revoked" : "unknown";
}

/** RFC 4253 section 6.6: the key begins with the name of its own algorithm, which the line must repeat. */
function parseKey(algorithm: string | undefined, base64: string): Buffer | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  const key = Buffer.from(base64, "base64");
  return algorithm !== undefined && algorithmOf(key) === algorithm ? key : undefined;
}

/** The name that a public key begins with; undefined when these bytes are no key. */
export function algorithmOf(key: Uint8Array): string | undefined {
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  const length = bytes.length < 4 ? 0 : bytes.readUInt32BE(0);
  if (length === 0 || length > 64 || bytes.length <= 4 + length) return undefined;
  const name = bytes.toString("latin1", 4, 4 + length);
  return /^[\x21-\x7e]+$/.test(name) ? name : undefined;
}

/** How a server is called in such files. */
export function knownHostName({ host, port }: { readonly host: string; readonly port: number }): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
}

/** Does a line speak of the server that is called `name`? */
export function isNamed({ names }: Pick<KnownHost, "names">, name: string): boolean {
  if (names.startsWith("|")) return isHashOf(names, name);
  let isMatch = false;
  for (const pattern of names.toLowerCase().split(",")) {
    const isNegated = pattern.startsWith("!");
    if (!matchesPattern(name, isNegated ? pattern.slice(1) : pattern)) continue;
    if (isNegated) return false;
    isMatch = true;
  }
  return isMatch;
}

/** `|1|salt|hash`: HMAC-SHA1 of the name, keyed with the salt. */
function isHashOf(names: string, name: string): boolean {
  const [, kind, salt, hash, ...more] = names.split("|");
  if (kind !== "1" || salt === undefined || hash === undefined || more.length > 0) return false;
  return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest().equals(Buffer.from(hash, "base64"));
}

/** `*` for any characters, `?` for one. In time that grows with the product of both lengths, whatever the pattern. */
function matchesPattern(name: string, pattern: string): boolean {
  let [at, inPattern] = [0, 0];
  let [starAt, retryAt] = [-1, 0];
  while (at < name.length) {
    const sign = pattern[inPattern];
    if (sign === "*") {
      starAt = inPattern;
      retryAt = at;
      inPattern += 1;
    } else if (sign === "?" || sign === name[at]) {
      at += 1;
      inPattern += 1;
    } else if (starAt >= 0) {
      retryAt += 1;
      at = retryAt;
      inPattern = starAt + 1;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(inPattern));
}
