import { X509Certificate } from "node:crypto";
import { formatInstant } from "../base/index.ts";
import type { PemTexts, Snapshot } from "../config/index.ts";
import type { Alarm } from "../contract/index.ts";
import type { IdentityView } from "../identity/index.ts";

const DAY_MS = 86_400_000;
/** Early enough to ask for a new one; a certificate that lives for days only is told about in the last third of its life. */
const EARLY_MS = 21 * DAY_MS;
const MOST_OF_OUR_OWN = 20;

/** What a person must know about the certificates of a snapshot while everything still works. */
export function trustAlarms(snapshot: Snapshot, now: number): readonly Alarm[] {
  return [...unverified(snapshot), ...expiring(snapshot, now)];
}

/** Backends whose server is believed without proof. */
export function unverifiedBackends({ config }: Snapshot): readonly string[] {
  return config.backends.filter(({ tls }) => tls?.dangerouslySkipVerification === true).map(({ name }) => name);
}

/** Whether servers are recognised by the same words and the same files as before. */
export function isSameTrust(after: Snapshot, before: Snapshot): boolean {
  if (wordsOfTrust(after) !== wordsOfTrust(before) || after.pem.size !== before.pem.size) return false;
  return [...after.pem].every(([file, text]) => before.pem.get(file) === text);
}

/** What the configuration says about servers, and about who we are to them. */
function wordsOfTrust({ config }: Snapshot): string {
  return JSON.stringify([config.backends, config.identities]);
}

function unverified(snapshot: Snapshot): Alarm[] {
  return unverifiedBackends(snapshot).map((name) => ({
    code: "TLS_UNVERIFIED",
    detail: `backends.${name}.tls.dangerously_skip_verification is set`,
    since: snapshot.loadedAt,
  }));
}

function expiring({ pem }: Snapshot, now: number): Alarm[] {
  return [...certificatesOf(pem)].flatMap(([file, certificates]) => {
    // Of a whole collection of authorities some always expire; nobody here can mend that.
    const soon =
      certificates.length > MOST_OF_OUR_OWN ? [] : certificates.filter((certificate) => startsToExpire(lifeOf(certificate)) <= now);
    const [first] = soon.toSorted((left, right) => left.validToDate.getTime() - right.validToDate.getTime());
    if (first === undefined) return [];
    return [alarmOf(`${file}: ${subjectOf(first)}`, lifeOf(first), now)];
  });
}

/**
 * Certificates in tokens and containers, as far as using them has shown them. Those in plain files are read with the snapshot, and those
 * that are renewed by themselves are worth a word only when that fails.
 */
export function identityAlarms({ pem, config }: Snapshot, views: readonly IdentityView[], now: number): readonly Alarm[] {
  const inFiles = new Set([...certificatesOf(pem).values()].flat().map(({ fingerprint256 }) => fingerprint256));
  const renewed = new Set(config.identities.filter(({ enroll }) => enroll !== undefined).map(({ name }) => name));
  return views.flatMap(({ name, chain }) => {
    const leaf = renewed.has(name) ? undefined : chain?.[0];
    if (leaf === undefined || inFiles.has(leaf.fingerprint) || startsToExpire(leaf) > now) return [];
    return [alarmOf(`identities.${name}: ${leaf.subject}`, leaf, now)];
  });
}

/** In ms since the Unix epoch. */
interface Life {
  readonly notBefore: number;
  readonly notAfter: number;
}

function lifeOf({ validFromDate, validToDate }: X509Certificate): Life {
  return { notBefore: validFromDate.getTime(), notAfter: validToDate.getTime() };
}

function startsToExpire({ notBefore, notAfter }: Life): number {
  return notAfter - Math.min(EARLY_MS, (notAfter - notBefore) / 3);
}

function alarmOf(what: string, life: Life, now: number): Alarm {
  const verb = life.notAfter <= now ? "expired" : "expires";
  return { code: "TLS_EXPIRES_SOON", detail: `${what} ${verb} ${formatInstant(life.notAfter)}`, since: startsToExpire(life) };
}

const parsed = new WeakMap<PemTexts, ReadonlyMap<string, readonly X509Certificate[]>>();

/** By file. Parsed once for each snapshot: the status is asked for often. */
export function certificatesOf(pem: PemTexts): ReadonlyMap<string, readonly X509Certificate[]> {
  const known = parsed.get(pem) ?? new Map([...pem].map(([file, text]) => [file, certificatesIn(text)]));
  parsed.set(pem, known);
  return known;
}

function certificatesIn(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

export function subjectOf({ subject }: X509Certificate): string {
  return subject.replaceAll("\n", ", ");
}
