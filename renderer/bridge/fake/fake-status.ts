import type { Status } from "../../../agent/contract/index.ts";
import { fakeDigest, fakePolicySource } from "./fake-policy.ts";

/** The agent of the fake laptop at one moment. */
export function fakeStatus(now: number, startedAt: number, connections: Status["connections"]): Status {
  return {
    state: "ready",
    version: "0.1.0",
    pid: 4127,
    startedAt,
    stateDir: "/home/nadia/.local/state/portail",
    configPath: "/home/nadia/.config/portail/portail.yaml",
    policy: { digest: fakeDigest, source: fakePolicySource, rules: 12, loadedAt: startedAt + 40 },
    listeners: [
      {
        name: "local",
        kind: "proxy",
        addresses: ["127.0.0.1:1080", "[::1]:1080"],
        users: "self",
        state: "listening",
        connections: Math.max(0, connections.live - 2),
      },
      {
        name: "orders-db",
        kind: "persona",
        addresses: ["127.0.0.1:5432"],
        users: "self",
        state: "listening",
        connections: Math.min(2, connections.live),
      },
    ],
    backends: [
      { name: "direct", kind: "direct", health: "healthy", connections: Math.ceil(connections.live / 2) },
      {
        name: "paris",
        kind: "socks5",
        identity: "laptop",
        address: "gw-par.meridian.example:1080",
        health: "healthy",
        connections: Math.floor(connections.live / 2),
      },
      {
        name: "lyon",
        kind: "http2",
        identity: "laptop",
        address: "gw-lyo.meridian.example:443",
        health: "failing",
        problem: "The server did not answer in time.",
        connections: 0,
      },
    ],
    identities: [],
    alarms: [],
    connections,
    memoryBytes: 74_300_000,
  };
}
