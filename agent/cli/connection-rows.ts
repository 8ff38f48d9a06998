import { formatDuration } from "../base/index.ts";
import type { ConnectionView, RuleRef } from "../contract/index.ts";
import type { Paint } from "./paint.ts";
import type { Column } from "./table.ts";
import { formatBytes, formatShortTime } from "./units.ts";

/** The columns in which connections are listed, living and recent alike. */
export function connectionColumns(now: number, paint: Paint): readonly Column<ConnectionView>[] {
  return [
    { title: "TIME", cell: (one) => formatShortTime(one.startedAt, now) },
    { title: "PROGRAM", cell: programOf, shrinksTo: 7 },
    { title: "DESTINATION", cell: (one) => formatDestination(one.host, one.port), shrinksTo: 16 },
    { title: "DECISION", cell: (one) => one.outcome ?? "", paint: (text, one) => paintOutcome(paint, one.outcome, text) },
    { title: "RULE", cell: (one) => formatRule(one.rule), shrinksTo: 8 },
    { title: "VIA", cell: (one) => one.backend ?? "", shrinksTo: 6 },
    { title: "UP", cell: (one) => (one.up === 0 ? "" : formatBytes(one.up)), align: "right" },
    { title: "DOWN", cell: (one) => (one.down === 0 ? "" : formatBytes(one.down)), align: "right" },
    { title: "STATE", cell: (one) => stateOf(one, now), shrinksTo: 10 },
    { title: "ID", cell: (one) => one.incident ?? one.id },
  ];
}

/** `curl`, not `/usr/bin/curl`; the whole path is in the JSON. */
export function programOf(one: Pick<ConnectionView, "program" | "user">): string {
  return one.program?.split(/[/\\]/).at(-1) ?? one.user ?? "";
}

export function formatDestination(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

export function formatRule(rule: RuleRef | undefined): string {
  if (rule === undefined) return "";
  return rule.kind === "policy" ? rule.name : `${rule.kind}/${rule.name}`;
}

export function paintOutcome(paint: Paint, outcome: string | undefined, text: string): string {
  if (outcome === "allow") return paint.good(text);
  return outcome === "deny" ? paint.bad(text) : paint.notable(text);
}

function stateOf(one: ConnectionView, now: number): string {
  if (one.state !== "ended") return `${one.state} ${formatDuration(Math.max(0, now - one.startedAt))}`;
  return one.end === undefined || one.end === "served" ? "ended" : one.end;
}
