import type { ConnectionView } from "../../../agent/contract/index.ts";
import { failureText } from "../../text/index.ts";

export const stateFacets = ["all", "live", "held", "ended"] as const;
export type StateFacet = (typeof stateFacets)[number];
export const verdictFacets = ["all", "allowed", "refused", "asked"] as const;
export type VerdictFacet = (typeof verdictFacets)[number];

export interface ConnectionFilter {
  readonly text: string;
  readonly state: StateFacet;
  readonly verdict: VerdictFacet;
  /** Full path of a program; empty for any. */
  readonly program: string;
  readonly backend: string;
}

export const noFilter: ConnectionFilter = { text: "", state: "all", verdict: "all", program: "", backend: "" };

export function isFiltering(filter: ConnectionFilter): boolean {
  return Object.entries(noFilter).some(([key, value]) => filter[key as keyof ConnectionFilter] !== value);
}

/** Connections are replaced, never changed, so what can be searched in one is worked out once. */
const searchable = new WeakMap<ConnectionView, string>();

function searchableText(connection: ConnectionView): string {
  const known = searchable.get(connection);
  if (known !== undefined) return known;
  const end = connection.end === undefined || connection.end === "served" ? "" : `${connection.end} ${failureText(connection.end).short}`;
  const { host, port, program, rule, incident, backend, user, listener, protocol, method, address, id } = connection;
  const text = [`${host}:${port}`, program, rule?.name, incident, backend, user, listener, protocol, method, address, id, end]
    .join(" ")
    .toLowerCase();
  searchable.set(connection, text);
  return text;
}

/** Every word of the text must occur; a word that begins with `-` must not. */
export function filterConnections(connections: readonly ConnectionView[], filter: ConnectionFilter): readonly ConnectionView[] {
  if (!isFiltering(filter)) return connections;
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "" && word !== "-");
  return connections.filter((connection) => matchesFacets(connection, filter) && words.every((word) => matchesWord(connection, word)));
}

function matchesWord(connection: ConnectionView, word: string): boolean {
  const text = searchableText(connection);
  return word.startsWith("-") ? !text.includes(word.slice(1)) : text.includes(word);
}

function matchesFacets(connection: ConnectionView, { state, verdict, program, backend }: ConnectionFilter): boolean {
  return (
    matchesState(connection, state) &&
    (verdict === "all" || verdictFacetOf(connection) === verdict) &&
    (program === "" || connection.program === program) &&
    (backend === "" || connection.backend === backend)
  );
}

function matchesState({ state }: ConnectionView, facet: StateFacet): boolean {
  if (facet === "all") return true;
  if (facet === "held") return state === "held";
  return facet === "ended" ? state === "ended" : state !== "ended";
}

function verdictFacetOf({ outcome }: ConnectionView): VerdictFacet {
  if (outcome === "allow") return "allowed";
  if (outcome === "step_up" || outcome === "challenge") return "asked";
  return outcome === undefined ? "all" : "refused";
}
