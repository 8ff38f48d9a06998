import { expect, test } from "vitest";
import type { ConnectionView, Status } from "../../agent/contract/index.ts";
import type { BridgeMessage, PortailBridge } from "../bridge/index.ts";
import { createManualClock } from "../bridge/fake/index.ts";
import { createAgentStore } from "./agent-store.ts";

const status = { policy: { digest: "d1" }, alarms: [], connections: { live: 0, total: 0, refused: 0 } } as unknown as Status;

function connection(id: string, startedAt: number, down = 0): ConnectionView {
  return { id, listener: "local", protocol: "socks5", host: `${id}.example`, port: 443, state: "open", startedAt, up: 0, down };
}

function createRig() {
  const clock = createManualClock(1_000_000);
  const watchers: ((message: BridgeMessage) => void)[] = [];
  let stopped = 0;
  const bridge: PortailBridge = {
    runtime: "desktop",
    ask: async () => {
      throw new Error("nothing is asked here");
    },
    watch: (onMessage) => {
      watchers.push(onMessage);
      return () => {
        stopped += 1;
      };
    },
  };
  const store = createAgentStore(bridge, clock);
  const places: unknown[] = [];
  const stop = store.start((place) => places.push(place));
  const say = (message: BridgeMessage) => watchers.at(-1)?.(message);
  const snapshot = (seq: number, connections: ConnectionView[] = []) =>
    say({ kind: "snapshot", snapshot: { seq, status, connections, holds: [], questions: { pins: [], touches: [], hostKeys: [] } } });
  const event = (seq: number, changed: ConnectionView) =>
    say({ kind: "event", event: { seq, changes: [{ kind: "connection", connection: changed }] } });
  return { clock, store, places, stop, say, snapshot, event, watches: () => watchers.length, stopped: () => stopped };
}

test("events build on the snapshot, newest first, and are shown together", () => {
  const rig = createRig();
  rig.snapshot(10, [connection("a", 1)]);
  rig.event(11, connection("b", 2));
  rig.event(12, connection("a", 1, 500));
  expect(rig.store.getState().newestFirst).toHaveLength(1);
  rig.clock.advance(100);
  expect(rig.store.getState().newestFirst.map(({ id, down }) => [id, down])).toEqual([
    ["b", 0],
    ["a", 500],
  ]);
});

test("a gap leads to one new watch, and events before its snapshot are not shown", () => {
  const rig = createRig();
  rig.snapshot(10);
  rig.event(12, connection("late", 2));
  rig.clock.advance(100);
  expect(rig.watches()).toBe(2);
  expect(rig.stopped()).toBe(1);
  rig.event(13, connection("later", 3));
  rig.clock.advance(100);
  expect(rig.store.getState().newestFirst).toEqual([]);
  expect(rig.watches()).toBe(2);
  rig.snapshot(20, [connection("true", 5)]);
  rig.event(21, connection("next", 6));
  rig.clock.advance(100);
  expect(rig.store.getState().newestFirst.map(({ id }) => id)).toEqual(["next", "true"]);
});

test("an event that is already part of the snapshot changes nothing", () => {
  const rig = createRig();
  rig.snapshot(10, [connection("a", 1, 900)]);
  rig.event(10, connection("a", 1, 100));
  rig.clock.advance(100);
  expect(rig.store.getState().connections.get("a")?.down).toBe(900);
  expect(rig.watches()).toBe(1);
});

test("when the agent goes, what is known stays but is no longer called live", () => {
  const rig = createRig();
  rig.say({ kind: "agent", agent: { state: "running", since: 1, restarts: 0 } });
  rig.snapshot(1, [connection("a", 1)]);
  expect(rig.store.getState().live).toBe(true);
  rig.say({ kind: "agent", agent: { state: "unreachable", since: 2, detail: "gone" } });
  expect(rig.store.getState().live).toBe(false);
  expect(rig.store.getState().newestFirst).toHaveLength(1);
  rig.snapshot(7);
  expect(rig.store.getState().live).toBe(true);
});

test("traffic counts what passed since, never what was there before", () => {
  const rig = createRig();
  rig.snapshot(1, [connection("a", 1, 1_000_000)]);
  rig.event(2, connection("a", 1, 1_000_300));
  rig.event(3, connection("a", 1, 1_000_200));
  rig.clock.advance(100);
  expect(rig.store.getState().traffic).toEqual([{ second: 1000, up: 0, down: 300 }]);
});

test("after stopping, no timer and no watch is left", () => {
  const rig = createRig();
  rig.snapshot(1);
  rig.event(2, connection("a", 1));
  rig.stop();
  rig.clock.advance(1_000);
  expect(rig.store.getState().newestFirst).toEqual([]);
  expect(rig.stopped()).toBe(1);
});
