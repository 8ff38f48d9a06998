import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSocketOwners } from "../platform/index.ts";
import { maxFrameBytes } from "../contract/index.ts";
import { connectControl } from "./index.ts";
import { containing, createRig, ownUid, type Rig, realClock, until } from "./channel-rig.suite.ts";

const secret = "5e".repeat(32);
const nobody = 65534;
/** Only root can act as another user; without it these promises are not tested here, and the run says so. */
const itAsRoot = ownUid === 0 ? it : it.skip;

let rig: Rig;
beforeEach(() => {
  rig = createRig();
});
afterEach(() => rig.end());

const client = (options: Partial<Parameters<typeof connectControl>[1]> = {}) =>
  connectControl([rig.endpoint], { client: "test/1", clock: realClock, uid: ownUid, ...options });

describe("the socket", () => {
  it("is born closed to everybody else, in a directory born closed", async () => {
    const mask = process.umask(0);
    try {
      await rig.start();
    } finally {
      process.umask(mask);
    }
    expect(statSync(rig.endpoint.dir).mode & 0o777).toBe(0o700);
    expect(statSync(rig.endpoint.path).mode & 0o777).toBe(0o600);
    expect(process.umask()).toBe(mask);
  });

  it("leaves nothing behind when it closes", async () => {
    const server = await rig.start();
    await server.close();
    expect(existsSync(rig.endpoint.dir)).toBe(false);
  });

  it("takes the place of one that a killed agent left", async () => {
    await rig.start().then((server) => server.close());
    mkdirSync(rig.endpoint.dir, { mode: 0o700 });
    leaveDeadSocket(rig.endpoint.path);
    await rig.start();
    expect((await client()).agentVersion).toBe("9.9.9");
    expect(readdirSync(rig.endpoint.dir)).toEqual(["control.sock"]);
  });

  it("is not taken from a living agent", async () => {
    await rig.start();
    await expect(rig.start()).rejects.toMatchObject({ code: "AGENT_RUNNING" });
    expect((await client()).agentVersion).toBe("9.9.9");
  });

  it("is not opened over something that is no socket", async () => {
    mkdirSync(rig.endpoint.dir, { mode: 0o700 });
    writeFileSync(rig.endpoint.path, "precious");
    await expect(rig.start()).rejects.toMatchObject({ code: "AGENT_STATE_DIR", detail: containing("not a socket") });
  });

  it("is not opened in a directory that others can enter", async () => {
    mkdirSync(rig.endpoint.dir);
    chmodSync(rig.endpoint.dir, 0o755);
    await expect(rig.start()).rejects.toMatchObject({ code: "AGENT_STATE_DIR", detail: containing("mode 755") });
    expect(statSync(rig.endpoint.dir).mode & 0o777).toBe(0o755);
  });

  it("is not opened through a symbolic link", async () => {
    const elsewhere = join(dirname(rig.endpoint.dir), "elsewhere");
    mkdirSync(elsewhere, { mode: 0o700 });
    symlinkSync(elsewhere, rig.endpoint.dir);
    await expect(rig.start()).rejects.toMatchObject({ code: "AGENT_STATE_DIR", detail: containing("symbolic link") });
  });

  itAsRoot("is not opened in a directory or over a socket of another user", async () => {
    mkdirSync(rig.endpoint.dir, { mode: 0o700 });
    execFileSync("chown", [String(nobody), rig.endpoint.dir]);
    await expect(rig.start()).rejects.toMatchObject({ code: "AGENT_STATE_DIR", detail: containing(`user id ${nobody}`) });
    execFileSync("chown", [String(ownUid), rig.endpoint.dir]);
    leaveDeadSocket(rig.endpoint.path);
    execFileSync("chown", [String(nobody), rig.endpoint.path]);
    await expect(rig.start()).rejects.toMatchObject({ code: "AGENT_STATE_DIR", detail: containing(`user id ${nobody}`) });
    expect(lstatSync(rig.endpoint.path).uid).toBe(nobody);
  });

  itAsRoot("cannot be reached by another user of the machine, not even with the directory open", async () => {
    await rig.start();
    expect(await connectAs(nobody, rig.endpoint.path)).toBe("EACCES");
    chmodSync(rig.endpoint.dir, 0o755);
    expect(await connectAs(nobody, rig.endpoint.path)).toBe("EACCES");
    chmodSync(rig.endpoint.path, 0o666);
    expect(await connectAs(nobody, rig.endpoint.path)).toContain('"tier"');
  });
});

describe("who may enter", () => {
  it("the owner operates, the holder of the secret administers", async () => {
    await rig.start({ secret });
    expect(await rig.knock().greet()).toEqual({ hello: { protocol: 1, version: "9.9.9", tier: "operate" } });
    expect(await rig.knock().greet({ secret })).toEqual({ hello: { protocol: 1, version: "9.9.9", tier: "admin" } });
  });

  it("another user is refused before he spoke, and it is recorded", async () => {
    await rig.start({ secret, peerOf: () => ({ uid: 33, pid: 7 }) });
    const stranger = rig.knock();
    expect(await stranger.next()).toMatchObject({
      id: 0,
      error: { code: "CONTROL_DENIED", detail: containing("user id 33") },
    });
    expect(await stranger.next()).toBe("closed");
    expect(rig.incidents).toEqual([expect.objectContaining({ kind: "other-user", uid: 33, pid: 7 })]);
  });

  itAsRoot("another user who gets through to the socket is known by the kernel's word, and refused", async () => {
    const owners = createSocketOwners();
    const peerOf = (socket: Socket) => {
      const owner = owners.peerOfUnixSocket(socket);
      return owner.kind === "known" ? { uid: owner.uid, pid: owner.pid } : undefined;
    };
    await rig.start({ secret, peerOf });
    chmodSync(rig.endpoint.dir, 0o755);
    chmodSync(rig.endpoint.path, 0o666);
    expect(await connectAs(nobody, rig.endpoint.path)).toContain(`not to user id ${nobody}`);
    expect(await connectAs(ownUid, rig.endpoint.path)).toContain('"tier":"operate"');
    expect(rig.incidents).toEqual([expect.objectContaining({ kind: "other-user", uid: nobody })]);
    owners.close();
  });

  it("the secret does not help another user", async () => {
    await rig.start({ secret, peerOf: () => ({ uid: 33, pid: 7 }) });
    expect(await rig.knock().greet({ secret })).toMatchObject({ id: 0, error: { code: "CONTROL_DENIED" } });
  });

  it("a wrong secret is refused, not taken for none", async () => {
    await rig.start({ secret });
    for (const wrong of ["", "5e", secret.toUpperCase(), `${secret}0`]) {
      const guesser = rig.knock();
      expect(await guesser.greet({ secret: wrong })).toMatchObject({ id: 0, error: { code: "CONTROL_DENIED" } });
      expect(await guesser.next()).toBe("closed");
    }
    expect(rig.incidents.map((incident) => incident.kind)).toEqual(Array(4).fill("wrong-secret"));
    expect(JSON.stringify(rig.incidents)).not.toContain("5e5e");
  });

  it("a secret is wrong where the agent was given none", async () => {
    await rig.start();
    expect(await rig.knock().greet({ secret: "" })).toMatchObject({ error: { code: "CONTROL_DENIED" } });
  });

  it("where nothing proves the caller, only the secret opens", async () => {
    const peerOf = () => {
      throw new Error("no such system call");
    };
    await rig.start({ secret, peerOf });
    expect(await rig.knock().greet()).toMatchObject({ id: 0, error: { code: "CONTROL_DENIED" } });
    expect(rig.incidents[0]).toMatchObject({ kind: "unproven", uid: undefined });
    expect(await rig.knock().greet({ secret })).toMatchObject({ hello: { tier: "admin" } });
  });
});

describe("the handshake", () => {
  it("tells a client of another version so, before anything else", async () => {
    await rig.start({ secret });
    const old = rig.knock();
    expect(await old.greet({ protocol: 2, secret: "wrong" })).toMatchObject({ id: 0, error: { code: "CONTROL_VERSION" } });
    expect(await old.next()).toBe("closed");
  });

  it.each([
    ["a call", { id: 1, call: "status.get", input: {} }],
    ["a hello with a field too many", { hello: { protocol: 1, client: "x", tier: "admin" } }],
    ["a hello of 5 KB", { hello: { protocol: 1, client: "x".repeat(5000) } }],
    ["an HTTP request", "GET / HTTP/1.1"],
  ])("ends a session that begins with %s", async (_, first) => {
    await rig.start();
    const wrong = rig.knock().send(first);
    expect(await wrong.next()).toMatchObject({ id: 0, error: { code: "CONTROL_BAD_CALL" } });
    expect(await wrong.next()).toBe("closed");
    expect(rig.called).toEqual([]);
  });

  it("does not wait for ever for a silent client", async () => {
    const hurried = { ...realClock, after: (ms: number, run: () => void) => realClock.after(ms / 1000, run) };
    await rig.start({ clock: hurried });
    expect(await rig.knock().sendBytes('{"hello":').next()).toBe("closed");
  });
});

describe("hostile clients", () => {
  it("half a frame waits for its other half", async () => {
    await rig.start();
    const slow = rig.knock();
    await slow.greet();
    slow.sendBytes('{"id":1,"call":"stat');
    await new Promise((resolve) => setImmediate(resolve));
    slow.sendBytes('us.get","input":{}}\n{"id":2');
    expect(await slow.next()).toMatchObject({ id: 1, output: { state: "ready" } });
  });

  it("a frame over the bound ends the session, and others go on", async () => {
    await rig.start();
    const [hog, other] = [rig.knock(), rig.knock()];
    await hog.greet();
    await other.greet();
    hog.sendBytes(Buffer.alloc(maxFrameBytes + 65_536, "x"));
    expect(await hog.next()).toMatchObject({ id: 0, error: { code: "CONTROL_BAD_CALL" } });
    expect(await hog.next()).toBe("closed");
    expect(await other.send({ id: 1, call: "status.get", input: {} }).next()).toMatchObject({ id: 1, output: {} });
    expect(rig.incidents).toEqual([expect.objectContaining({ kind: "abuse" })]);
  });

  it("lines that are no messages are answered, and too many of them end the session", async () => {
    await rig.start();
    const noisy = rig.knock();
    await noisy.greet();
    noisy.sendBytes('nonsense\n[]\n{"id":"1"}\n{"id":1,"call":"status.get","input":{},"tier":"admin"}\n');
    for (let strike = 1; strike <= 4; strike += 1) {
      expect(await noisy.next()).toMatchObject({ id: 0, error: { code: "CONTROL_BAD_CALL" } });
    }
    expect(await noisy.sendBytes("\n").next()).toMatchObject({ id: 0, error: { detail: containing("too many") } });
    expect(await noisy.next()).toBe("closed");
    expect(rig.called).toEqual([]);
  });

  it("bytes that are not UTF-8 end the session", async () => {
    await rig.start();
    const wrong = rig.knock();
    await wrong.greet();
    expect(await wrong.sendBytes(Buffer.from([0x7b, 0xff, 0x0a])).next()).toMatchObject({ id: 0, error: { code: "CONTROL_BAD_CALL" } });
  });

  it("a flood of calls runs a bounded number at once and loses none", async () => {
    let running = 0;
    let most = 0;
    const waiting: (() => void)[] = [];
    await rig.start({
      dispatch: async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise<void>((resolve) => waiting.push(resolve));
        running -= 1;
        return { output: {} };
      },
    });
    const flood = rig.knock();
    await flood.greet();
    flood.send(...Array.from({ length: 500 }, (_, index) => ({ id: index + 1, call: "status.get", input: {} })));
    for (let answered = 0; answered < 500; answered += 1) {
      await until(() => waiting.length > 0);
      waiting.shift()?.();
      expect(await flood.next()).toMatchObject({ id: answered + 1 });
    }
    expect(most).toBeLessThanOrEqual(32);
  });

  it("a client that asks and never reads is not read either", async () => {
    await rig.start({ dispatch: () => Promise.resolve({ output: "x".repeat(200_000) }) });
    const deaf = rig.knock();
    await deaf.greet();
    deaf.socket.pause();
    let asked = 0;
    while (
      deaf.socket.write(`${JSON.stringify({ id: (asked += 1), call: "status.get", input: { pad: "y".repeat(4000) } })}\n`) &&
      asked < 100_000
    ) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    // Our own writes back up: the server has stopped reading, instead of holding 200 KB for each call.
    expect(asked).toBeLessThan(100_000);
  });

  it("a client that takes nothing for half a minute is let go", async () => {
    const halfMinutes: (() => void)[] = [];
    const after = (ms: number, run: () => void) => (ms === 30_000 ? (halfMinutes.push(run), () => undefined) : realClock.after(ms, run));
    await rig.start({ clock: { ...realClock, after }, dispatch: () => Promise.resolve({ output: "x".repeat(5_000_000) }) });
    const deaf = rig.knock();
    await deaf.greet();
    deaf.socket.pause();
    deaf.send({ id: 1, call: "status.get", input: {} });
    await until(() => halfMinutes.length === 1);
    for (const passed of halfMinutes) passed();
    deaf.socket.resume();
    expect(await deaf.next()).toBe("closed");
  });

  it("a sixty-fifth client is turned away", async () => {
    await rig.start();
    const crowd = Array.from({ length: 64 }, () => rig.knock());
    await Promise.all(crowd.map((one) => one.greet()));
    expect(await rig.knock().greet()).toBe("closed");
    crowd[0]?.socket.destroy();
    await until(() => crowd[0]?.socket.closed === true);
    let entered: unknown = "closed";
    while (entered === "closed") entered = await rig.knock().greet();
    expect(entered).toMatchObject({ hello: {} });
  });
});

/** What a user's program meets on a socket: the first line that it hears after a hello, or why it could not connect. */
async function connectAs(uid: number, path: string): Promise<string> {
  const end = "const end = (word) => { console.log(word); process.exit(); };";
  const hello = JSON.stringify(`${JSON.stringify({ hello: { protocol: 1, client: "stranger" } })}\n`);
  const script = `require("net").connect(process.argv[1]).on("data", (d) => end(String(d))).on("error", (e) => end(e.code)).write(${hello});`;
  const child = spawn("setpriv", ["--reuid", String(uid), "--clear-groups", process.execPath, "-e", end + script, path]);
  const said = child.stdout.toArray();
  await once(child, "exit");
  return Buffer.concat(await said)
    .toString()
    .trim();
}

/** A socket file that nobody listens on: its process died without a word. */
function leaveDeadSocket(path: string): void {
  const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  try {
    execFileSync(process.execPath, ["-e", script]);
  } catch {
    expect(lstatSync(path).isSocket()).toBe(true);
  }
}

describe("closing", () => {
  it("lets the answers of running calls out first", async () => {
    let finish: ((answer: { output: unknown }) => void) | undefined;
    const server = await rig.start({ dispatch: () => new Promise((resolve) => (finish = resolve)) });
    const asking = rig.knock();
    await asking.greet();
    asking.send({ id: 1, call: "agent.stop", input: {} });
    await until(() => finish !== undefined);
    const closed = server.close();
    finish?.({ output: { stopped: true } });
    expect(await asking.next()).toEqual({ id: 1, output: { stopped: true } });
    expect(await asking.next()).toBe("closed");
    await closed;
  });

  it("does not wait for ever for a call that does not end, nor for a client that does not read", async () => {
    const hurried = { ...realClock, after: (ms: number, run: () => void) => realClock.after(ms / 100, run) };
    const server = await rig.start({ clock: hurried, dispatch: () => new Promise(() => undefined) });
    const deaf = rig.knock();
    await deaf.greet();
    deaf.send({ id: 1, call: "status.get", input: {} });
    deaf.socket.pause();
    await server.close();
    expect(existsSync(rig.endpoint.path)).toBe(false);
  });
});
