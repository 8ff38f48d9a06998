import { createStore, type StoreApi } from "zustand/vanilla";
import type { StateEvent } from "../../agent/contract/index.ts";
import type { BridgeMessage, PortailBridge, ScreenClock } from "../bridge/index.ts";
import { type AgentState, afterAgent, afterEvents, afterSnapshot, firstState } from "./agent-state.ts";

/** Events are shown together at this pace: under load the screen changes ten times a second, not a thousand. */
const paceMs = 100;

export type Place = Extract<BridgeMessage, { kind: "place" }>["place"];

export interface AgentStore extends StoreApi<AgentState> {
  /** Begin to follow the agent; the returned function ends it. */
  start(onPlace: (place: Place) => void): () => void;
}

/** The copy of the agent's state that follows its news. INVARIANT: a gap in `seq` leads to a new snapshot (agent-store.test.ts). */
export function createAgentStore(bridge: PortailBridge, clock: ScreenClock): AgentStore {
  const store = createStore<AgentState>(() => firstState);
  return { ...store, start: (onPlace) => followAgent({ bridge, clock, store, onPlace }) };
}

interface Following {
  readonly bridge: PortailBridge;
  readonly clock: ScreenClock;
  readonly store: StoreApi<AgentState>;
  readonly onPlace: (place: Place) => void;
}

function followAgent({ bridge, clock, store, onPlace }: Following): () => void {
  let waiting: StateEvent[] = [];
  let cancel: (() => void) | undefined;
  /** Between asking for a snapshot and getting it, events have nothing to build on. */
  let stale = true;
  let unwatch = () => {};

  const show = () => {
    cancel = undefined;
    const events = waiting;
    waiting = [];
    const next = afterEvents(store.getState(), events, clock.now());
    if (next === undefined) watchAgain();
    else store.setState(next);
  };
  const onMessage = (message: BridgeMessage) => {
    switch (message.kind) {
      case "agent":
        return store.setState(afterAgent(store.getState(), message.agent));
      case "snapshot":
        waiting = [];
        stale = false;
        return store.setState(afterSnapshot(store.getState(), message.snapshot, clock.now()));
      case "event":
        if (stale) return;
        waiting.push(message.event);
        cancel ??= clock.after(paceMs, show);
        return;
      case "place":
        return onPlace(message.place);
    }
  };
  const watchAgain = () => {
    stale = true;
    unwatch();
    unwatch = bridge.watch(onMessage);
  };
  watchAgain();
  return () => {
    cancel?.();
    unwatch();
  };
}
