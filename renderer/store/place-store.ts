import { createStore, type StoreApi } from "zustand/vanilla";

export const screens = ["status", "connections", "policy", "identities", "audit", "settings"] as const;
export type Screen = (typeof screens)[number];

/** Where the person is: a screen, and what is looked at there (`tab`, `id`, `find`, …). It is the page's address after the `#`. */
export interface Here {
  readonly screen: Screen;
  readonly details: Readonly<Record<string, string>>;
}

export interface PlaceStore extends StoreApi<Here> {
  go(screen: Screen, details?: Readonly<Record<string, string>>): void;
  /** Change some details and stay on the screen; an empty value removes one. */
  adjust(details: Readonly<Record<string, string>>): void;
  /** Follow the address; the returned function ends it. */
  start(): () => void;
}

const maxAddressLength = 4096;

/** Read an address such as `#/connections?id=c-17`; whatever is not understood leads to the first screen. */
export function parsePlace(hash: string): Here {
  if (hash.length > maxAddressLength) return { screen: "status", details: {} };
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const screen = screens.find((name) => name === path) ?? "status";
  return { screen, details: Object.fromEntries(new URLSearchParams(query)) };
}

export function formatPlace({ screen, details }: Here): string {
  const query = new URLSearchParams(Object.entries(details).filter(([, value]) => value !== "")).toString();
  return query === "" ? `#/${screen}` : `#/${screen}?${query}`;
}

export function createPlaceStore(page: Pick<Window, "location" | "history" | "addEventListener" | "removeEventListener">): PlaceStore {
  const store = createStore<Here>(() => parsePlace(page.location.hash));
  const show = (here: Here, how: "push" | "replace") => {
    const address = formatPlace(here);
    if (how === "push") page.history.pushState(null, "", address);
    else page.history.replaceState(null, "", address);
    store.setState(parsePlace(address), true);
  };
  return {
    ...store,
    go: (screen, details = {}) => show({ screen, details }, "push"),
    adjust: (details) => {
      const here = store.getState();
      show({ screen: here.screen, details: { ...here.details, ...details } }, "replace");
    },
    start: () => {
      const follow = () => store.setState(parsePlace(page.location.hash), true);
      page.addEventListener("hashchange", follow);
      page.addEventListener("popstate", follow);
      return () => {
        page.removeEventListener("hashchange", follow);
        page.removeEventListener("popstate", follow);
      };
    },
  };
}
