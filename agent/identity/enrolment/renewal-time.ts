import type { X509Certificate } from "node:crypto";

/** Of the time that is left for renewing; devices that were enrolled together do not all come back together. */
const jitterShare = 0.1;
const shortestPauseMs = 1000;
const firstPauseMs = 60_000;
const longestPauseMs = 6 * 3_600_000;

/**
 * When a certificate is renewed: `renewBeforeMs` before its end, by default a third of its life, and never before half of it has passed.
 * `random` in 0..1 spreads it.
 */
export function renewalTime(
  { validFromDate, validToDate }: Pick<X509Certificate, "validFromDate" | "validToDate">,
  { renewBeforeMs, random }: { readonly renewBeforeMs?: number | undefined; readonly random: number },
): number {
  const until = validToDate.getTime();
  const life = until - validFromDate.getTime();
  const before = Math.min(renewBeforeMs ?? life / 3, life / 2);
  return until - before + before * jitterShare * random;
}

/**
 * How long to wait after so many failures in a row: twice as long each time, a little different for everybody, and several times at least
 * before a certificate that still has `leftMs` to live ends.
 */
export function pauseAfter(failures: number, { random, leftMs }: { readonly random: number; readonly leftMs: number }): number {
  const pause = Math.min(firstPauseMs * 2 ** Math.min(failures - 1, 20), longestPauseMs) * (0.75 + random / 2);
  return leftMs > 0 ? Math.max(Math.min(pause, leftMs / 4), shortestPauseMs) : pause;
}
