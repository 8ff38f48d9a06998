import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../control/channel-rig.suite.ts";
import { ask, canConnect, type ConsoleRig, createConsoleRig, say } from "./console-rig.suite.ts";

let rig: ConsoleRig;
beforeEach(() => {
  rig = createConsoleRig();
});
afterEach(() => rig.end());

const callStatus = JSON.stringify({ call: "status.get", input: {} });

describe("the server", () => {
  it("listens only when asked, and goes when nobody looks", async () => {
    const { port } = await rig.signIn();
    rig.clock.skip(59_000);
    expect((await ask(port, { path: (await rig.openLink()).path }))?.status).toBe(303);
    rig.clock.skip(59_000);
    expect(await canConnect(port)).toBe(true);
    rig.clock.skip(2_000);
    expect(await canConnect(port)).toBe(false);
  });

  it("stays while a page watches, however silent it is", async () => {
    const { port, page } = await rig.signIn();
    const watching = request({
      host: "127.0.0.1",
      port,
      path: "/api/watch",
      agent: false,
      headers: { host: `127.0.0.1:${port}`, ...page },
    });
    watching.on("error", () => undefined).end();
    await until(() => rig.takers.size === 1);
    rig.clock.skip(3_600_000);
    expect(await canConnect(port)).toBe(true);
    watching.destroy();
    await until(() => rig.takers.size === 0);
    rig.clock.skip(61_000);
    expect(await canConnect(port)).toBe(false);
  });

  it("keeps a bounded number of sessions: a ninth ends the first", async () => {
    const first = await rig.signIn();
    for (let more = 0; more < 8; more += 1) await rig.signIn();
    expect((await ask(first.port, { method: "POST", path: "/api/call", headers: first.page, body: callStatus }))?.status).toBe(401);
    expect(await ask(first.port, { headers: { cookie: first.cookie } })).toBeUndefined();
  });

  it.each([false, new Error("no such lookup")])("hangs up on a program that is not proven to be its owner's (%s)", async (answer) => {
    const { port, path } = await rig.openLink();
    rig.owner.isOwner = () => (answer === false ? Promise.resolve(false) : Promise.reject(answer as Error));
    expect(await ask(port, { path })).toBeUndefined();
    rig.owner.isOwner = () => Promise.resolve(true);
    expect((await ask(port, { path }))?.status).toBe(303);
  });

  it.each([
    ["a bare request", "GET / HTTP/1.0\r\n\r\n"],
    ["a scanner's request", "GET / HTTP/1.1\r\nHost: HERE\r\nUser-Agent: Mozilla/5.0\r\n\r\n"],
    ["two hosts", "GET /open/x HTTP/1.1\r\nHost: HERE\r\nHost: HERE\r\n\r\n"],
    ["no HTTP", "\u0005\u0001\u0000"],
    ["TLS", "\u0016\u0003\u0001\u0000\u00a5\u0001\u0000\u0000\u00a1"],
    ["SSH", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["an upgrade", "GET / HTTP/1.1\r\nHost: HERE\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"],
    ["a tunnel", "CONNECT HERE HTTP/1.1\r\nHost: HERE\r\n\r\n"],
    ["an expectation", "POST /api/call HTTP/1.1\r\nHost: HERE\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"],
    ["an odd expectation", "POST /api/call HTTP/1.1\r\nHost: HERE\r\nExpect: cake\r\nContent-Length: 2\r\n\r\n"],
    ["a huge head", `GET / HTTP/1.1\r\nHost: HERE\r\nX: ${"x".repeat(20_000)}\r\n\r\n`],
    ["an unknown method", "PORTAIL / HTTP/1.1\r\nHost: HERE\r\n\r\n"],
    ["two lengths", "POST /api/call HTTP/1.1\r\nHost: HERE\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"],
  ])("does not tell a port scan what it is: %s", async (_, bytes) => {
    const { port } = await rig.openLink();
    expect(await say(port, bytes.replaceAll("HERE", `127.0.0.1:${port}`))).toBe("");
  });
});
