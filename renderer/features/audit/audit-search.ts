import type { AuditQuery, Outcome } from "../../../agent/contract/index.ts";

export const times = ["hour", "day", "week", "all"] as const;
export type Time = (typeof times)[number];
export const kinds = ["verdict", "end", "event"] as const;
export const outcomes = ["allow", "deny", "redirect", "step_up", "challenge"] as const satisfies readonly Outcome[];

const lengthMs: Readonly<Record<Exclude<Time, "all">, number>> = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 };

/** Whole minutes, so that the same search asked twice in a minute is the same question. */
const grainMs = 60_000;
const pageSize = 200;
const maxText = 200;

/** What the page's address asks for. */
export function parseAuditSearch(details: Readonly<Record<string, string>>, now: number): AuditQuery {
  const time = times.find((one) => one === details["since"]) ?? "day";
  const kind = kinds.find((one) => one === details["kind"]);
  const outcome = outcomes.find((one) => one === details["outcome"]);
  const text = (details["find"] ?? "").trim().slice(0, maxText);
  const connection = details["connection"];
  return {
    limit: pageSize,
    ...(time === "all" || connection !== undefined ? {} : { since: Math.floor((now - lengthMs[time]) / grainMs) * grainMs }),
    ...(kind === undefined ? {} : { kind }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(text === "" ? {} : { text }),
    ...(connection === undefined ? {} : { connection }),
  };
}

/** The same search on the command line. */
export function commandOfSearch(query: AuditQuery): string {
  const since = query.since === undefined ? "" : ` --since ${new Date(query.since).toISOString().slice(0, 16)}Z`;
  return `portail audit${since}`;
}
