import { AgentError } from "../../base/index.ts";
import { algorithmOf, isNamed, type KnownHost, knownHostName } from "./known-hosts.ts";
import { fingerprintOf, type ServerName } from "./host-key-store.ts";

/** The lines of one file, and its name for people. */
export interface KnownHostsFile {
  readonly path: string;
  readonly hosts: readonly KnownHost[];
}

/** What is known of one server before it is met. */
export interface KnownServer {
  readonly keys: readonly Said[];
  readonly revoked: readonly Said[];
  /** Lines that speak of the server and say nothing that can be used. */
  readonly unusable: readonly Said[];
}

interface Said {
  readonly where: string;
  readonly host: KnownHost;
}

/** A key of the server, judged. `new`: nobody has ever said anything about this server. */
export type HostKeyVerdict = { readonly kind: "known" | "new" } | { readonly kind: "refused"; readonly failure: AgentError };

export function whatIsKnown(server: ServerName, files: readonly KnownHostsFile[]): KnownServer {
  const name = knownHostName(server);
  const said = files.flatMap(({ path, hosts }) =>
    hosts.filter((host) => isNamed(host, name)).map((host) => ({ where: `${path}:${host.line}`, host })),
  );
  const is = (marker: KnownHost["marker"]) => said.filter(({ host }) => host.marker === marker && host.key !== undefined);
  return {
    keys: is("none"),
    revoked: is("revoked"),
    unusable: said.filter(({ host }) => host.key === undefined || host.marker === "cert-authority" || host.marker === "unknown"),
  };
}

/** Which keys to ask the server for: of the kinds that are known of it, so that another kind cannot be shown in their place. */
export function algorithmsFor({ keys }: KnownServer): readonly string[] {
  const known = new Set(keys.map(({ host }) => host.algorithm));
  const wanted = offered.filter((algorithm) => known.has(keyOf(algorithm)));
  return wanted.length === 0 ? offered : wanted;
}

/** Newest first. Not `ssh-rsa`, which signs with SHA-1 (RFC 8332). */
const offered = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512", "rsa-sha2-256"];

/** RFC 8332 section 3: both ways to sign belong to keys of the one kind. */
const keyOf = (algorithm: string): string => (algorithm.startsWith("rsa-sha2-") ? "ssh-rsa" : algorithm);

/**
 * SECURITY: only a server of which nothing at all is known may be asked about. What is known and differs, what is revoked, and what somebody
 * wrote down and cannot be used is refused.
 */
export function judgeHostKey(key: Buffer, { keys, revoked, unusable }: KnownServer): HostKeyVerdict {
  const shown = `${algorithmOf(key) ?? "an unknown kind of key"} ${fingerprintOf(key)}`;
  const revokedAt = revoked.find(({ host }) => host.key?.equals(key) === true);
  if (revokedAt !== undefined) return refused("SSH_HOST_KEY_REVOKED", `${shown} is revoked by ${revokedAt.where}`);
  if (keys.some(({ host }) => host.key?.equals(key) === true)) return { kind: "known" };
  const [other] = keys;
  if (other !== undefined) return refused("SSH_HOST_KEY_CHANGED", `it shows ${shown}, and ${other.where} says another key`);
  const [line] = unusable;
  if (line !== undefined) return refused("SSH_HOST_KEY_UNUSABLE", `${line.where} ${whyUnusable(line.host)}`);
  return { kind: "new" };
}

function whyUnusable({ marker, key }: KnownHost): string {
  if (marker === "cert-authority") return "trusts an authority of host certificates, which are not served";
  return marker === "unknown" ? "has a marker that is not known" : key === undefined ? "holds no key that can be read" : "cannot be used";
}

function refused(code: AgentError["code"], detail: string): HostKeyVerdict {
  return { kind: "refused", failure: new AgentError(code, detail) };
}
