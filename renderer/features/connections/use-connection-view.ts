import { useCallback, useMemo } from "react";
import { useHere, usePortail } from "../../store/index.ts";
import { type ConnectionFilter, noFilter, stateFacets, verdictFacets } from "./connection-filter.ts";
import { type ConnectionSort, firstSort, sortColumns } from "./connection-sort.ts";

export interface ConnectionViewState {
  readonly filter: ConnectionFilter;
  readonly sort: ConnectionSort;
  setFilter(change: Partial<ConnectionFilter>): void;
  setSort(sort: ConnectionSort): void;
}

/** Filter and order live in the page's address: they survive going elsewhere and back, and can be linked to. */
export function useConnectionView(): ConnectionViewState {
  const { place } = usePortail();
  const { details } = useHere();
  const filter = useMemo(
    (): ConnectionFilter => ({
      text: details["find"] ?? "",
      state: stateFacets.find((facet) => facet === details["state"]) ?? noFilter.state,
      verdict: verdictFacets.find((facet) => facet === details["verdict"]) ?? noFilter.verdict,
      program: details["program"] ?? "",
      backend: details["backend"] ?? "",
    }),
    [details],
  );
  const sort = useMemo(
    (): ConnectionSort => ({
      column: sortColumns.find((column) => column === details["sort"]) ?? firstSort.column,
      descending: details["turned"] === "1",
    }),
    [details],
  );
  const setFilter = useCallback(
    (change: Partial<ConnectionFilter>) => {
      const next = { ...filter, ...change };
      const plain = (value: string) => (value === "all" ? "" : value);
      place.adjust({
        find: next.text,
        state: plain(next.state),
        verdict: plain(next.verdict),
        program: next.program,
        backend: next.backend,
      });
    },
    [place, filter],
  );
  const setSort = useCallback(
    ({ column, descending }: ConnectionSort) => place.adjust({ sort: column, turned: descending ? "1" : "" }),
    [place],
  );
  return { filter, sort, setFilter, setSort };
}
