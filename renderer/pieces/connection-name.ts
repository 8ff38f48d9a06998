import type { ConnectionView, FailureCode } from "../../agent/contract/index.ts";
import { formatPrintable } from "../text/index.ts";

/** `git.example:22`, `[2001:db8::1]:443`; nothing in it can pretend to be something else. */
export function formatDestination({ host, port }: { readonly host: string; readonly port: number }): string {
  const printable = formatPrintable(host);
  return host.includes(":") && !host.startsWith("[") ? `[${printable}]:${port}` : `${printable}:${port}`;
}

/** The program's own name, without its folder. */
export function formatProgram(path: string | undefined): string | undefined {
  if (path === undefined || path === "") return undefined;
  return formatPrintable(path.split(/[/\\]/).findLast((part) => part !== "") ?? path);
}

/** Why an allowed connection never reached its destination; what ended one that was open is another matter. */
export function failureOf({ outcome, end }: ConnectionView): FailureCode | undefined {
  if (outcome !== "allow" || end === undefined || end === "served" || end.startsWith("CARRY_")) return undefined;
  return end;
}

export function isLive(connection: ConnectionView): boolean {
  return connection.state !== "ended";
}
