import { expect, test } from "vitest";
import type { HoldView, StateSnapshot } from "../../agent/contract/index.ts";
import { advance } from "./advance.ts";

const connection = {
  id: "c",
  listener: "local",
  protocol: "socks5",
  host: "h",
  port: 1,
  state: "held",
  startedAt: 0,
  up: 0,
  down: 0,
} as const;
const hold = (id: string, say: string): HoldView => ({ id, connection, kind: "challenge", asks: [], say, expiresAt: 0 });
const status: StateSnapshot["status"] = {
  state: "ready",
  version: "0.1.0",
  pid: 1,
  startedAt: 0,
  stateDir: "/tmp",
  policy: { digest: "", source: "built-in", rules: 1, loadedAt: 0 },
  listeners: [],
  backends: [],
  identities: [],
  alarms: [],
  connections: { live: 0, total: 0, refused: 0 },
  memoryBytes: 0,
};
const empty: StateSnapshot = { seq: 4, status, connections: [], holds: [], questions: { pins: [], touches: [], hostKeys: [] } };

test("a wait comes, changes in its place and goes; the sequence follows the event", () => {
  const asked = advance(empty, {
    seq: 5,
    changes: [
      { kind: "hold", hold: hold("a", "first") },
      { kind: "hold", hold: hold("b", "") },
    ],
  });
  expect(asked).toMatchObject({ seq: 5, holds: [{ id: "a" }, { id: "b" }] });
  const changed = advance(asked, { seq: 6, changes: [{ kind: "hold", hold: hold("a", "again") }] });
  expect(changed.holds.map(({ id, say }) => [id, say])).toContainEqual(["a", "again"]);
  expect(changed.holds).toHaveLength(2);
  expect(advance(changed, { seq: 7, changes: [{ kind: "released", id: "a" }] }).holds.map(({ id }) => id)).toEqual(["b"]);
});

test("the newest status wins and the snapshot before is left as it was", () => {
  const next = advance(empty, { seq: 5, changes: [{ kind: "status", status: { ...status, state: "draining" } }] });
  expect(next.status.state).toBe("draining");
  expect(empty.status.state).toBe("ready");
});
