import { createContext, type ReactNode, useContext } from "react";
import { useStore } from "zustand";
import type { PortailBridge, ScreenClock } from "../bridge/index.ts";
import type { AgentState } from "./agent-state.ts";
import { type AgentStore, createAgentStore } from "./agent-store.ts";
import { createNoticeStore, type NoticeStore } from "./notice-store.ts";
import { createPlaceStore, type Here, type PlaceStore } from "./place-store.ts";
import { createSettingsStore, type SettingsStore } from "./settings-store.ts";

/** All that a screen needs, made once for a page. */
export interface Portail {
  readonly bridge: PortailBridge;
  readonly clock: ScreenClock;
  readonly agent: AgentStore;
  readonly place: PlaceStore;
  readonly settings: SettingsStore;
  readonly notices: NoticeStore;
}

export function createPortail(bridge: PortailBridge, clock: ScreenClock): Portail {
  return {
    bridge,
    clock,
    agent: createAgentStore(bridge, clock),
    place: createPlaceStore(window),
    settings: createSettingsStore(bridge),
    notices: createNoticeStore(clock),
  };
}

const PortailContext = createContext<Portail | undefined>(undefined);

export function PortailProvider({ portail, children }: { readonly portail: Portail; readonly children: ReactNode }) {
  return <PortailContext value={portail}>{children}</PortailContext>;
}

export function usePortail(): Portail {
  const portail = useContext(PortailContext);
  if (portail === undefined) throw new Error("a screen is shown outside of PortailProvider");
  return portail;
}

export function useAgent<T>(select: (state: AgentState) => T): T {
  return useStore(usePortail().agent, select);
}

export function useHere(): Here {
  return useStore(usePortail().place);
}
