import { formatInstant } from "../base/index.ts";
import type { IdentityDetails } from "../contract/index.ts";
import { printable } from "./printable.ts";
import { UsageMistake } from "./usage-mistake.ts";

/** The day of an instant, in UTC: certificates are written that way. */
export const formatDate = (instant: number): string => formatInstant(instant).slice(0, "2026-11-21".length);

/** An opened identity, one line for each thing about it. */
export function formatIdentity({ name, kind, state, key, chain, problem }: IdentityDetails): string {
  const lines = [`${name}: ${kind}, ${state}${key === undefined ? "" : `, ${key}`}`];
  if (problem !== undefined) lines.push(`  ${problem}`);
  for (const [place, certificate] of (chain ?? []).entries()) {
    lines.push(
      `  ${place === 0 ? "certificate" : "issuer"}  ${certificate.subject}`,
      `    issued by  ${certificate.issuer}`,
      `    valid      ${formatDate(certificate.notBefore)} to ${formatDate(certificate.notAfter)}`,
      `    serial     ${certificate.serial}`,
      `    SHA-256    ${certificate.fingerprint}`,
      ...(certificate.names === undefined ? [] : [`    names      ${certificate.names}`]),
    );
  }
  return lines.map(printable).join("\n");
}

/** `host`, `host:port`, `[::1]:443`; 443 when no port is written. */
export function parseServer(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3] ?? 443);
  if (host === undefined || port < 1 || port > 65_535)
    throw new UsageMistake(`${JSON.stringify(text)} is no server`, "write it as host or host:port");
  return { host, port };
}
