import { createHash, timingSafeEqual } from "node:crypto";
import type { Tier } from "../contract/index.ts";
import type { ControlIncident } from "./incident.ts";
import type { PeerProof } from "./peer.ts";

/** What the server knows of itself. */
export interface Household {
  readonly uid: number | undefined;
  readonly secret: string | undefined;
}

export type Admission =
  | { readonly kind: "admitted"; readonly tier: Tier }
  | { readonly kind: "refused"; readonly incident: ControlIncident["kind"]; readonly detail: string };

/**
 * Who gets what (docs/decisions/control-tiers.md). Another user gets nothing, with or without the secret. The agent's own user gets
 * `operate`; the per-run secret makes it `admin`. Where the kernel cannot say who calls, only the secret opens. A wrong secret is
 * refused rather than ignored: somebody is guessing, or holds the secret of a run that is over.
 */
export function admit(household: Household, peer: PeerProof | undefined, secret: string | undefined): Admission {
  if (peer !== undefined && peer.uid !== household.uid) return refuseStranger(household, peer);
  if (secret !== undefined) return admitBySecret(household, secret);
  if (peer !== undefined) return { kind: "admitted", tier: "operate" };
  const detail = "it cannot be proven on this system which user calls; only the supervisor that started the agent may";
  return { kind: "refused", incident: "unproven", detail };
}

export function refuseStranger(household: Household, peer: PeerProof): Admission & { readonly kind: "refused" } {
  const detail = `this agent belongs to user id ${household.uid ?? "unknown"}, not to user id ${peer.uid}; run the command as its owner`;
  return { kind: "refused", incident: "other-user", detail };
}

function admitBySecret(household: Household, secret: string): Admission {
  if (household.secret !== undefined && isSameSecret(household.secret, secret)) return { kind: "admitted", tier: "admin" };
  const detail = "the secret is not the one of this run of the agent; leave it out, or restart the agent from its supervisor";
  return { kind: "refused", incident: "wrong-secret", detail };
}

/** SECURITY: digests first, so that neither length nor a common beginning shows in the time. */
function isSameSecret(expected: string, given: string): boolean {
  return timingSafeEqual(createHash("sha256").update(expected).digest(), createHash("sha256").update(given).digest());
}
