import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StateEvent, StateSnapshot } from "../contract/index.ts";
import { AgentError } from "../base/index.ts";
import { type ControlClient, type ControlEndpoint, connectControl } from "./index.ts";
import { containing, connectionView, createRig, fakeHandlers, ownUid, type Rig, realClock, until } from "./channel-rig.suite.ts";

const nobody = 65534;
const itAsRoot = ownUid === 0 ? it : it.skip;

let rig: Rig;
const clients: ControlClient[] = [];
const servers: Server[] = [];
beforeEach(() => {
  rig = createRig();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const server of servers.splice(0)) server.close();
  await rig.end();
});

const connect = async (
  options: Partial<Parameters<typeof connectControl>[1]> = {},
  endpoints: readonly ControlEndpoint[] = [rig.endpoint],
) => {
  const client = await connectControl(endpoints, { client: "test/1", clock: realClock, uid: ownUid, ...options });
  clients.push(client);
  return client;
};

/** Somebody else's server on the agent's path, and what it hears. */
async function squat(answer: string): Promise<string[]> {
  mkdirSync(rig.endpoint.dir, { mode: 0o700 });
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => heard.push(bytes.toString()));
    socket.write(answer);
  });
  servers.push(server);
  await once(server.listen(rig.endpoint.path), "listening");
  return heard;
}

/** A watcher that keeps what it is told. */
function collect() {
  const snapshots: StateSnapshot[] = [];
  const events: StateEvent[] = [];
  return { snapshots, events, snapshot: (state: StateSnapshot) => snapshots.push(state), event: (event: StateEvent) => events.push(event) };
}

describe("a call", () => {
  it("comes back with what the handler said, parsed", async () => {
    await rig.start();
    const client = await connect();
    expect(await client.call("status.get", {})).toMatchObject({ state: "ready", pid: 4242 });
    expect(client.tier).toBe("operate");
  });

  it("rejects with the agent's code and detail", async () => {
    const failing = () => Promise.reject(new AgentError("CONTROL_NOT_FOUND", "no connection x"));
    await rig.start({ handlers: { ...fakeHandlers(), "connections.close": failing } });
    const client = await connect();
    await expect(client.call("connections.close", { id: "x" })).rejects.toMatchObject({
      code: "CONTROL_NOT_FOUND",
      detail: "no connection x",
    });
    await expect(client.call("explain", { host: "h", port: 0 })).rejects.toMatchObject({ code: "CONTROL_BAD_CALL" });
  });

  it("rejects when the answer is not what the contract says", async () => {
    await rig.start({ dispatch: () => Promise.resolve({ output: { state: "happy" } }) });
    await expect((await connect()).call("status.get", {})).rejects.toMatchObject({ code: "CONTROL_VERSION" });
  });

  it("rejects when the agent goes away, and so does every later one", async () => {
    const server = await rig.start({ dispatch: () => new Promise(() => undefined) });
    const client = await connect();
    const hanging = expect(client.call("status.get", {})).rejects.toMatchObject({ code: "AGENT_UNREACHABLE" });
    await server.close();
    await hanging;
    await client.closed;
    await expect(client.call("status.get", {})).rejects.toMatchObject({ code: "AGENT_UNREACHABLE" });
  });

  it("of one client does not wait for that of another", async () => {
    let release: (() => void) | undefined;
    const slow = () => new Promise<never[]>((resolve) => (release = () => resolve([])));
    await rig.start({ handlers: { ...fakeHandlers(), "connections.list": slow } });
    const [one, two] = [await connect(), await connect()];
    const listed = one.call("connections.list", {});
    expect(await two.call("status.get", {})).toMatchObject({ state: "ready" });
    expect(await one.call("status.get", {})).toMatchObject({ state: "ready" });
    release?.();
    expect(await listed).toEqual([]);
  });
});

describe("the other end is looked at first", () => {
  it("no agent at all is told as such", async () => {
    await expect(connect()).rejects.toMatchObject({ code: "AGENT_UNREACHABLE", detail: containing(rig.endpoint.path) });
  });

  it("every place is tried, because the agent may run without the person's session", async () => {
    await rig.start();
    const nowhere = { kind: "socket", dir: "/nonexistent", path: "/nonexistent/control.sock" } as const;
    expect((await connect({}, [nowhere, rig.endpoint])).agentVersion).toBe("9.9.9");
  });

  it("nothing is said to a server of another user", async () => {
    const heard = await squat("");
    await expect(connect({ peerOf: () => ({ uid: nobody, pid: 1 }) })).rejects.toMatchObject({ code: "AGENT_STATE_DIR" });
    expect(heard).toEqual([]);
  });

  it("a directory that others can write is not trusted", async () => {
    const heard = await squat("");
    chmodSync(rig.endpoint.dir, 0o777);
    await expect(connect()).rejects.toMatchObject({ code: "AGENT_STATE_DIR" });
    expect(heard).toEqual([]);
  });

  itAsRoot("a socket squatted by another user's process is not spoken to", async () => {
    mkdirSync(rig.endpoint.dir, { mode: 0o700 });
    execFileSync("chown", [String(nobody), rig.endpoint.dir]);
    const script =
      'require("net").createServer((s) => s.on("data", (d) => console.log("heard " + d))).listen(process.argv[1], () => console.log("ready"))';
    const squatter = spawn("setpriv", ["--reuid", String(nobody), "--clear-groups", process.execPath, "-e", script, rig.endpoint.path]);
    let said = "";
    squatter.stdout.on("data", (text: Buffer) => (said += text.toString()));
    await until(() => said.includes("ready"));
    await expect(connect()).rejects.toMatchObject({ code: "AGENT_STATE_DIR" });
    execFileSync("chown", [String(ownUid), rig.endpoint.dir]);
    await expect(connect()).rejects.toMatchObject({ code: "AGENT_STATE_DIR", detail: containing("nothing was sent") });
    squatter.kill();
    await once(squatter, "exit");
    expect(said).toBe("ready\n");
  });

  it.each([
    ["closes", "", "AGENT_UNREACHABLE"],
    ["speaks another protocol", "220 mail ready\n", "CONTROL_VERSION"],
    ["answers without a greeting", '{"id":1,"output":{}}\n', "CONTROL_VERSION"],
    ["refuses the version", '{"id":0,"error":{"code":"CONTROL_VERSION","detail":"newer"}}\n', "CONTROL_VERSION"],
  ])("a server that %s is an error with a code", async (what, answer, code) => {
    await squat(answer);
    if (what === "closes") servers[0]?.on("connection", (socket) => socket.destroy());
    await expect(connect()).rejects.toMatchObject({ code });
  });

  it("a server that says nothing does not hold the client for ever", async () => {
    await squat("");
    await expect(connect({ timeoutMs: 1 })).rejects.toMatchObject({ code: "AGENT_UNREACHABLE" });
  });
});

describe("watching", () => {
  it("gives one snapshot, then every change in order, to each of two clients", async () => {
    await rig.start();
    rig.state = { ...rig.state, connections: [connectionView("a")] };
    const [one, two] = [collect(), collect()];
    await (await connect()).watch(one);
    await (await connect()).watch(two);
    rig.feed.publish({ kind: "connection", connection: connectionView("b") });
    await until(() => one.events.length === 1 && two.events.length === 1);
    rig.feed.publish({ kind: "forgotten", ids: ["a"] });
    await until(() => one.events.length === 2 && two.events.length === 2);
    expect(one.snapshots).toEqual([{ seq: 0, ...rig.state }]);
    expect(one.events.map((event) => event.seq)).toEqual([1, 2]);
    expect(two.events).toEqual(one.events);
  });

  it("ends with the client", async () => {
    await rig.start();
    const client = await connect();
    await client.watch(collect());
    expect(rig.feed.watchers).toBe(1);
    client.close();
    await until(() => rig.feed.watchers === 0);
  });

  it("a slow watcher gets a fresh snapshot instead of an endless queue", async () => {
    await rig.start();
    const slow = rig.knock();
    await slow.greet();
    expect(await slow.send({ id: 1, call: "watch", input: {} }).next()).toMatchObject({ id: 1, output: { seq: 0 } });
    slow.socket.pause();
    const wide = { ...connectionView("w"), program: "p".repeat(100_000) };
    for (let round = 1; round <= 200; round += 1) {
      rig.feed.publish({ kind: "connection", connection: { ...wide, up: round } });
      rig.feed.snapshot();
    }
    rig.state = { ...rig.state, connections: [connectionView("last", 200)] };
    let last = await slow.next();
    let events = 0;
    while (last !== "closed" && "event" in last) {
      events += 1;
      last = await slow.next();
    }
    expect(events).toBeLessThan(100);
    expect(last).toMatchObject({ snapshot: { seq: 200, connections: [{ id: "last", up: 200 }] } });
    rig.feed.publish({ kind: "policy", digest: "cd" });
    expect(await slow.next()).toEqual({ event: { seq: 201, changes: [{ kind: "policy", digest: "cd" }] } });
  });

  it("a client that finds a gap watches again", async () => {
    const heard = await squat("");
    servers[0]?.removeAllListeners("connection").on("connection", (socket) => {
      const state = (seq: number) => ({ seq, ...rig.state });
      const say = (frame: unknown) => socket.write(`${JSON.stringify(frame)}\n`);
      say({ hello: { protocol: 1, version: "1", tier: "operate" } });
      socket.on("data", (bytes) => {
        heard.push(...bytes.toString().trim().split("\n"));
        const [id, seq] = heard.length === 2 ? [1, 5] : [2, 8];
        if (heard.length < 2) return;
        say({ id, output: state(seq) });
        say({ event: { seq: id === 1 ? seq + 2 : seq + 1, changes: [] } });
      });
    });
    const watcher = collect();
    await (await connect()).watch(watcher);
    await until(() => watcher.events.length > 0);
    expect(watcher.snapshots.map((state) => state.seq)).toEqual([5, 8]);
    expect(watcher.events.map((event) => event.seq)).toEqual([9]);
  });
});
