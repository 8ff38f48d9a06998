import { createHash, type X509Certificate } from "node:crypto";
import { AgentError, formatInstant } from "../../base/index.ts";
import type { TlsIdentity } from "../tls/tls-identity.ts";
import { acceptIssued } from "./accept-issued.ts";
import type { Authority } from "./authority.ts";
import type { CertificateDesk, Chain } from "./certificate-desk.ts";
import type { EnrolmentPlan } from "./enrolment-plan.ts";

export interface EnrolmentOptions {
  readonly name: string;
  readonly plan: EnrolmentPlan;
  readonly authority: Authority;
  readonly desk: CertificateDesk;
  /** The identity as it is now, for a renewal. */
  readonly current: TlsIdentity | undefined;
  /** A chain was put in its place: from the next handshake on it counts. */
  readonly installed: () => void;
  readonly tell: (says: string) => void;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/**
 * Ask for a certificate and put it where it belongs. Rejects with AgentError, and then everything is as it was before: what has changed
 * is at most that there is a key where none was.
 */
export async function obtainCertificate(how: "enroll" | "renew", options: EnrolmentOptions): Promise<X509Certificate> {
  const { name, plan, authority, desk, current, tell, now, signal } = options;
  const wishes = (await authority.wishes?.(how)) ?? {};
  const wanted = {
    ...plan.subject,
    commonName: plan.subject.commonName ?? wishes.commonName ?? name,
    names: plan.names.length > 0 ? plan.names : (wishes.names ?? []),
  };
  const { request, publicKey, isNewKey } = await desk.request({
    algorithm: plan.algorithm,
    wanted,
    ...(how === "renew" ? { onlyExisting: true } : {}),
  });
  const fingerprint = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("hex")
    .slice(0, 16);
  tell(
    `${isNewKey ? "A new key was made" : "The key is there"} (${fingerprint}); the request for CN=${wanted.commonName} is signed by it.`,
  );
  tell(`${how === "enroll" ? "Asking" : "Asking with the certificate in use"}: ${authority.title}.`);
  const application = { request, signal };
  const issued = how === "enroll" ? await authority.enroll(application) : await authority.renew(application, present(name, current));
  const chain: Chain = acceptIssued(issued, { publicKey, now: now() });
  const [leaf] = chain;
  tell(
    `It came and was checked: ${lineOf(leaf.subject)}, issued by ${lineOf(leaf.issuer)}, until ${formatInstant(leaf.validToDate.getTime())}.`,
  );
  await desk.install(chain);
  options.installed();
  tell("It is in its place and counts from the next handshake on.");
  return leaf;
}

function present(name: string, current: TlsIdentity | undefined): TlsIdentity {
  if (current !== undefined) return current;
  throw new AgentError("IDENTITY_KEY", `identity \`${name}\` has no certificate that could be renewed`);
}

const lineOf = (name: string): string => name.replaceAll("\n", ", ");
