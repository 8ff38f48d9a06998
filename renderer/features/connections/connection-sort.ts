import type { ConnectionView } from "../../../agent/contract/index.ts";
import { formatProgram } from "../../pieces/index.ts";

export const sortColumns = ["program", "destination", "verdict", "backend", "up", "down", "age"] as const;
export type SortColumn = (typeof sortColumns)[number];

export interface ConnectionSort {
  readonly column: SortColumn;
  readonly descending: boolean;
}

/** Newest first: the smallest age on top. */
export const firstSort: ConnectionSort = { column: "age", descending: false };

const keyOf = {
  program: (connection: ConnectionView) => formatProgram(connection.program) ?? "",
  destination: (connection: ConnectionView) => connection.host,
  verdict: (connection: ConnectionView) => `${connection.outcome ?? ""} ${connection.rule?.name ?? ""}`,
  backend: (connection: ConnectionView) => connection.backend ?? "",
  up: (connection: ConnectionView) => connection.up,
  down: (connection: ConnectionView) => connection.down,
  age: (connection: ConnectionView) => -connection.startedAt,
} as const satisfies Record<SortColumn, (connection: ConnectionView) => string | number>;

/** The input comes newest first, which is the first order's own; equal ones keep that order. */
export function sortConnections(connections: readonly ConnectionView[], sort: ConnectionSort): readonly ConnectionView[] {
  if (sort.column === "age") return sort.descending ? connections.toReversed() : connections;
  const sign = sort.descending ? -1 : 1;
  const keyed = connections.map((connection) => ({ connection, key: keyOf[sort.column](connection) }));
  return keyed.sort((a, b) => sign * compareKeys(a.key, b.key)).map(({ connection }) => connection);
}

function compareKeys(a: string | number, b: string | number): number {
  return a < b ? -1 : Number(a > b);
}

/** The first press sorts a column its natural way (most bytes first, names from A); the next turns it around. */
export function sortAfterPress(sort: ConnectionSort, column: SortColumn): ConnectionSort {
  if (sort.column === column) return { column, descending: !sort.descending };
  return { column, descending: column === "up" || column === "down" };
}
