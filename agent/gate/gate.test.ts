import { expect, test } from "vitest";
import type { Clock } from "../base/index.ts";
import type { Origin, Request } from "../connection/index.ts";
import type { Owner, SocketOwners } from "../platform/index.ts";
import { createGate } from "./index.ts";

const clock: Clock = { now: () => 0, monotonic: () => 0, after: () => () => undefined };
const origin: Origin = { kind: "tcp", address: "127.0.0.1", port: 50_000, localAddress: "127.0.0.1", localPort: 1080 };

function gateFor(owner: Owner) {
  const owners: SocketOwners = {
    socketOwner: () => Promise.resolve(owner),
    peerOfUnixSocket: () => owner,
    programOf: () => Promise.resolve({ kind: "known", pid: 7, exe: "/usr/bin/curl", exeDeleted: false, startTicks: 1 }),
    close: () => undefined,
  };
  const users = { nameOf: () => Promise.resolve("ada"), uidOf: (name: string) => Promise.resolve(name === "ada" ? 1000 : undefined) };
  return createGate({ owners, users, uid: 1000, clock });
}

test("the agent's own user is let in, another user of the machine is not", async () => {
  expect(await gateFor({ kind: "known", uid: 1000 }).gateOf({ kind: "self" })(origin, 5)).toMatchObject({
    kind: "peer",
    peer: { uid: 1000 },
  });
  expect(await gateFor({ kind: "known", uid: 1001 }).gateOf({ kind: "self" })(origin, 5)).toMatchObject({
    kind: "refused",
    code: "ACCEPT_OTHER_USER",
  });
});

test("when it cannot be found out who asks, the answer is no", async () => {
  const admitted = await gateFor({ kind: "unknown", why: "the socket is gone" }).gateOf({ kind: "self" })(origin, 5);
  expect(admitted).toEqual({ kind: "refused", code: "ACCEPT_UNKNOWN_USER", detail: "the socket is gone" });
});

test("a listener for named users admits them and nobody else", async () => {
  const named = { kind: "named", names: ["grace", "ada"] } as const;
  expect(await gateFor({ kind: "known", uid: 1000 }).gateOf(named)(origin, 5)).toMatchObject({ kind: "peer" });
  expect(await gateFor({ kind: "known", uid: 0 }).gateOf(named)(origin, 5)).toMatchObject({ kind: "refused" });
});

test("a program that was looked for is known by name for as long as its request is", async () => {
  const gate = gateFor({ kind: "known", uid: 1000 });
  const admitted = await gate.gateOf({ kind: "self" })(origin, 5);
  if (admitted.kind !== "peer") throw new Error("not admitted");
  const request = { peer: admitted.peer } as Request;
  expect(gate.peerOf(request)).toEqual({ uid: 1000 });
  gate.lookFor(request);
  await expect.poll(() => gate.peerOf(request)).toEqual({ uid: 1000, user: "ada", pid: 7, exe: "/usr/bin/curl" });
});
