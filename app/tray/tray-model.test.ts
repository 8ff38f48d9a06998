import { expect, test } from "vitest";
import type { StateSnapshot } from "../../agent/contract/index.ts";
import { trayModel } from "./tray-model.ts";

const running = { state: "running", since: 0, restarts: 0 } as const;
const snapshot = (change: Partial<StateSnapshot["status"]> = {}): StateSnapshot => ({
  seq: 0,
  connections: [],
  holds: [],
  questions: { pins: [], touches: [], hostKeys: [] },
  status: {
    state: "ready",
    version: "0.1.0",
    pid: 1,
    startedAt: 0,
    stateDir: "/tmp",
    policy: { digest: "", source: "built-in", rules: 1, loadedAt: 0 },
    listeners: [{ name: "local", kind: "proxy", addresses: ["127.0.0.1:1080"], users: "self", state: "listening", connections: 0 }],
    backends: [],
    identities: [],
    alarms: [],
    connections: { live: 1, total: 3, refused: 0 },
    memoryBytes: 0,
    ...change,
  },
});

test("a working agent shows where it listens and how many connections are open", () => {
  expect(trayModel({ agent: running, snapshot: snapshot() })).toMatchObject({
    icon: "working",
    headline: "Working",
    details: ["local: 127.0.0.1:1080", "1 connection open"],
  });
});

test("an alarm asks for attention", () => {
  const alarms = [{ code: "RECORD_UNAVAILABLE", detail: "disk full", since: 0 }] as const;
  expect(trayModel({ agent: running, snapshot: snapshot({ alarms: [...alarms] }) })).toMatchObject({
    icon: "attention",
    headline: "Needs attention",
  });
});

test("an agent that keeps failing is named as such and can be restarted by hand", () => {
  const model = trayModel({ agent: { state: "crash_loop", since: 0, restarts: 4, lastLog: [] }, snapshot: snapshot() });
  expect(model).toMatchObject({ icon: "attention", headline: "The agent keeps failing", canRestart: true });
});

test("a listener that could not listen asks for attention, with its name", () => {
  const listeners = [{ name: "local", kind: "proxy", addresses: [], users: "self", state: "failed", connections: 0 }] as const;
  expect(
    trayModel({ agent: running, snapshot: snapshot({ listeners: listeners.map((one) => ({ ...one, addresses: [] })) }) }),
  ).toMatchObject({
    icon: "attention",
    details: ["local: cannot listen", "1 connection open"],
  });
});

test("a connection that waits for the person stands in the menu, before any other trouble", () => {
  const connection = { id: "c", listener: "local", protocol: "socks5", host: "db.example", port: 5432, state: "held" } as const;
  const hold = { id: "h", kind: "challenge", asks: [], expiresAt: 0, connection: { ...connection, startedAt: 0, up: 0, down: 0 } } as const;
  expect(trayModel({ agent: running, snapshot: { ...snapshot(), holds: [{ ...hold, asks: [] }] } })).toMatchObject({
    icon: "attention",
    headline: "1 connection waits for you",
    holds: [{ id: "h", label: "db.example:5432 waits for you" }],
  });
});

test("what the agent said before it ended is not shown as if it were true", () => {
  for (const state of ["starting", "stopped"] as const) {
    expect(trayModel({ agent: { state, since: 0 }, snapshot: snapshot() })).toMatchObject({ icon: "off", details: [], holds: [] });
  }
});

test("what the person is asked stands first, in icon, tooltip and menu", () => {
  const pin = {
    id: "pin-1",
    identity: "laptop",
    token: "YubiKey",
    why: "needed",
    tries: "unknown",
    isForOneUse: false,
    expiresAt: 0,
  } as const;
  const questions = { pins: [pin], touches: [{ identity: "ci", token: "Card", kind: "touch" } as const], hostKeys: [] };
  expect(trayModel({ agent: running, snapshot: { ...snapshot(), questions } })).toMatchObject({
    icon: "attention",
    tooltip: "Portail: a key needs its PIN: YubiKey",
    headline: "A key needs its PIN: YubiKey",
    questions: [
      { id: "pin-1", label: "A key needs its PIN: YubiKey" },
      { id: "touch-ci-Card", label: "Touch your key: Card" },
    ],
  });
});
