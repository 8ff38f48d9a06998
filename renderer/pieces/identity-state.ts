import type { FailureCode, IdentityDetails } from "../../agent/contract/index.ts";
import type { Catalogue } from "../text/index.ts";

export interface IdentityState {
  readonly tone: "allow" | "ask" | "deny" | "none";
  readonly says: keyof Catalogue["identities"]["states"];
}

const ofFailure: Partial<Record<FailureCode, IdentityState>> = {
  IDENTITY_LOCKED: { tone: "deny", says: "locked" },
  IDENTITY_ABSENT: { tone: "ask", says: "absent" },
  IDENTITY_PIN: { tone: "ask", says: "waiting" },
};

/** How an identity stands, in one word and one tone. */
export function stateOf({ state, code, expiresAt }: Pick<IdentityDetails, "state" | "code" | "expiresAt">, now: number): IdentityState {
  if (state === "failing") return (code === undefined ? undefined : ofFailure[code]) ?? { tone: "deny", says: "failing" };
  if (expiresAt !== undefined && expiresAt <= now) return { tone: "deny", says: "expired" };
  return state === "ready" ? { tone: "allow", says: "ready" } : { tone: "none", says: "configured" };
}

const day = 86_400_000;
/** As early as the agent's own alarm. */
const earlyMs = 21 * day;

/** Time to renew: soon, but not for a certificate that never lives longer than that. */
export function endsSoon(expiresAt: number, now: number, startedAt?: number): boolean {
  const early = startedAt === undefined ? earlyMs : Math.min(earlyMs, (expiresAt - startedAt) / 3);
  return expiresAt > now && expiresAt - now <= early;
}
