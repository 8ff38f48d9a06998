import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AgentError } from "../base/index.ts";
import { connectionView, createRig, fakeHandlers, type Rig, status, until } from "../control/channel-rig.suite.ts";
import type { CallHandlers, Status } from "../contract/index.ts";
import { failureCodes } from "../contract/index.ts";
import { portail, testNow } from "./cli-rig.suite.ts";
import { exitCodes } from "./exit-codes.ts";

let rig: Rig;
let stateDir: string;
beforeEach(() => {
  rig = createRig();
  stateDir = rig.endpoint.dir;
});
afterEach(() => rig.end());

const start = (handlers: Partial<CallHandlers> = {}) => rig.start({ handlers: { ...fakeHandlers(rig.called), ...handlers } });

const busy: Status = {
  ...status,
  startedAt: testNow - 7_500_000,
  memoryBytes: 64_300_000,
  configPath: "/home/me/portail.yaml",
  policy: { digest: "ab12".repeat(16), source: "/home/me/policy.portail", rules: 12, loadedAt: testNow - 60_000 },
  listeners: [
    { name: "local", kind: "proxy", addresses: ["127.0.0.1:1080", "[::1]:1080"], users: "self", state: "listening", connections: 3 },
    {
      name: "orders-db",
      kind: "persona",
      addresses: ["127.0.0.1:5432"],
      users: "self",
      state: "failed",
      problem: "address in use",
      connections: 0,
    },
  ],
  backends: [{ name: "direct", kind: "direct", health: "healthy", connections: 3 }],
  alarms: [{ code: "RECORD_UNAVAILABLE", detail: "disk full", since: testNow - 5000 }],
  connections: { live: 3, total: 1204, refused: 17 },
};

const seen = [
  {
    ...connectionView("01K5A"),
    program: "/usr/bin/curl",
    host: "a-rather-long-name.of-a-host.corp.example",
    port: 443,
    outcome: "allow",
    rule: { kind: "policy", name: "web", line: 3 },
    backend: "direct",
    up: 812,
    down: 14_210_000,
    startedAt: testNow - 65_000,
  },
  {
    ...connectionView("01K5B"),
    program: "/usr/bin/ssh",
    host: "2001:db8::1",
    port: 22,
    outcome: "deny",
    rule: { kind: "guard", name: "no-old-devices", line: 9 },
    incident: "7F3K-92QD",
    state: "ended",
    end: "POLICY_DENIED",
    startedAt: testNow - 5000,
  },
  {
    ...connectionView("01K5C"),
    program: "/tmp/\u001b[2Jevil",
    host: "x.test",
    port: 80,
    state: "held",
    outcome: "step_up",
    rule: { kind: "policy", name: "web" },
    startedAt: testNow - 1000,
  },
] as const;

describe("portail status", () => {
  it("tells how the agent is, in lines that fit", async () => {
    await start({ "status.get": () => busy });
    const wide = await portail(["status"], { stateDir, columns: 100 });
    await expect(wide.stdout.replaceAll(/\d\d:\d\d:\d\d/g, "14:12:20")).toMatchFileSnapshot("golden/status.txt");
    expect(wide.code).toBe(0);
    const narrow = await portail(["status"], { stateDir, columns: 60 });
    for (const line of narrow.stdout.split("\n").filter((one) => /^(LISTENER|local|orders)/.test(one)))
      expect(line.length).toBeLessThanOrEqual(60);
  });

  it("with --json is the contract's own shape", async () => {
    await start({ "status.get": () => busy });
    const { stdout } = await portail(["status", "--json"], { stateDir });
    expect(JSON.parse(stdout)).toEqual(busy);
    expect(stdout.trimEnd()).not.toContain("\n");
  });

  it("ends with 3 when there is no agent, and says how to start one", async () => {
    const { code, stdout, stderr } = await portail(["status"], { stateDir });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain("(AGENT_UNREACHABLE)");
    expect(stderr).toContain("Start it with `portail run`.");
    const json = await portail(["status", "--json"], { stateDir });
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: "AGENT_UNREACHABLE" } });
  });

  it("with --json is told of wrong words as JSON too", async () => {
    const { code, stderr } = await portail(["status", "--wiat", "--json"], { stateDir });
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toEqual({ error: { sentence: "there is no flag --wiat", remedy: "did you mean --wait?" } });
  });

  it("with --wait waits for an agent that only comes up", async () => {
    let asked = 0;
    const waiting = portail(["status", "--wait", "20"], { stateDir });
    await start({ "status.get": () => ({ ...status, state: (asked += 1) < 3 ? "starting" : "ready" }) });
    expect((await waiting).code).toBe(0);
    expect(asked).toBe(3);
  });

  it("with --wait ends with 1 when the agent does not get ready, with 3 when it does not come", async () => {
    expect((await portail(["status", "--wait", "0.05"], { stateDir })).code).toBe(3);
    await start({ "status.get": () => ({ ...status, state: "draining" }) });
    expect((await portail(["status", "--wait", "0.05"], { stateDir })).code).toBe(1);
    expect((await portail(["status"], { stateDir })).code).toBe(0);
  });
});

describe("portail connections", () => {
  it("lists them in a table that fits the terminal, with nothing in it that a terminal obeys", async () => {
    await start({ "connections.list": () => [...seen] });
    const { stdout } = await portail(["connections"], { stateDir, columns: 110 });
    await expect(stdout.replaceAll(/\d\d:\d\d:\d\d/g, "14:12:20")).toMatchFileSnapshot("golden/connections.txt");
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(110);
    expect(stdout).not.toContain("\u001b");
  });

  it("is in colour on a terminal that wants it", async () => {
    await start({ "connections.list": () => [...seen] });
    const coloured = await portail(["connections"], { stateDir, columns: 110, env: { NO_COLOR: "" } });
    expect(coloured.stdout).toContain("\u001b[31mdeny");
    expect((await portail(["connections"], { stateDir, env: { NO_COLOR: "" } })).stdout).not.toContain("\u001b");
  });

  it("with --follow tells each decision and each end once, until Ctrl-C", async () => {
    await start();
    rig.state = { ...rig.state, connections: [seen[0]] };
    const interrupt = new AbortController();
    let told = "";
    const following = portail(["connections", "--follow", "--json"], {
      stateDir,
      signal: interrupt.signal,
      onWrite: (text) => (told = text),
    });
    await until(() => told.includes("01K5A"));
    rig.feed.publish({ kind: "connection", connection: { ...seen[2], state: "judging", outcome: undefined } });
    rig.feed.publish({ kind: "connection", connection: seen[1] });
    await until(() => told.includes("01K5B"));
    rig.feed.publish({ kind: "connection", connection: { ...seen[0], up: 900 } });
    rig.feed.publish({ kind: "connection", connection: { ...seen[0], state: "ended", end: "served" } });
    await until(() => told.split("\n").length === 4);
    interrupt.abort();
    const { code, stdout } = await following;
    expect(code).toBe(0);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { id: string; state: string });
    expect(lines.map(({ id, state }) => `${id} ${state}`)).toEqual(["01K5A open", "01K5B ended", "01K5A ended"]);
  });

  it("with --follow ends with 3 when the agent goes", async () => {
    const server = await start();
    const following = portail(["connections", "--follow"], { stateDir });
    await until(() => rig.feed.watchers === 1);
    await server.close();
    expect(await following).toMatchObject({ code: 3, stderr: "The agent has gone.\n" });
  });
});

describe("portail explain", () => {
  it("asks with everything that was given, and ends with 1 when the expectation does not hold", async () => {
    const asked: unknown[] = [];
    const explanation = fakeHandlers()["explain"];
    await start({ explain: (input, caller) => (asked.push(input), explanation(input, caller)) });
    const words = ["explain", "--host", "db.test", "--port", "5432", "--set", "client.exe=/bin/a=b", "--set", "user.groups=x,y"];
    expect(await portail([...words, "--expect", "allow"], { stateDir })).toMatchObject({ code: 0, stdout: "allow\n" });
    expect(await portail([...words, "--expect", "deny"], { stateDir })).toMatchObject({
      code: 1,
      stderr: "Expected deny, but the decision is allow.\n",
    });
    expect(asked[0]).toEqual({
      host: "db.test",
      port: 5432,
      protocol: "socks5",
      attributes: { "client.exe": "/bin/a=b", "user.groups": "x,y" },
    });
  });

  it.each([
    [["explain"], "give the id of a connection or incident, or --host and --port"],
    [["explain", "7F3K", "--host", "h"], "give an id, or describe a request by flags; not both"],
    [["explain", "--host", "h"], "--port is missing"],
    [["explain", "--host", "h", "--port", "0"], '--port takes a whole number from 1 to 65535, not "0"'],
    [["explain", "--host", "h", "--port", "1", "--set", "x"], '--set takes ATTR=VALUE, not "x"'],
  ])("%j is a mistake in the words", async (words, mistake) => {
    const { code, stderr } = await portail(words, { stateDir });
    expect(code).toBe(2);
    expect(stderr).toContain(mistake);
  });
});

describe("what people do to the agent", () => {
  it("reload shows the mistakes with their places, and ends with 2 when nothing was applied", async () => {
    const problem = {
      file: "p.portail",
      line: 3,
      column: 5,
      severity: "error",
      code: "E_X",
      message: "no such set",
      hint: "declare it",
    } as const;
    await start({ "config.reload": () => ({ applied: false, policyDigest: "00", problems: [problem], changes: [] }) });
    const { code, stdout } = await portail(["reload"], { stateDir });
    expect(code).toBe(2);
    expect(stdout).toBe("p.portail:3:5: E_X: no such set\n  hint: declare it\nNot applied: the last good configuration stays in force.\n");
  });

  it("stop comes back when the process is gone", async () => {
    const server = await start({
      "status.get": () => ({ ...status, pid: 2 ** 22 + 1 }),
      "agent.stop": (input) => {
        rig.called.push(JSON.stringify(input));
        queueMicrotask(() => void server.close());
        return {};
      },
    });
    expect(await portail(["stop", "--drain", "1.5"], { stateDir })).toMatchObject({ code: 0, stderr: "Stopped.\n" });
    expect(rig.called).toEqual(['{"drainMs":1500}']);
  });

  it("close, resolve and console call what they say", async () => {
    await start();
    expect((await portail(["connections", "close", "a"], { stateDir })).code).toBe(0);
    expect((await portail(["holds", "resolve", "a", "continue", "--reason", "because"], { stateDir })).code).toBe(0);
    expect(await portail(["console", "--no-open"], { stateDir })).toMatchObject({ code: 0, stdout: "http://127.0.0.1:1/\n", stderr: "" });
    expect(rig.called).toEqual(["connections.list", "connections.close", "holds.list", "holds.resolve", "console.open"]);
  });

  it("close takes the incident that the list shows", async () => {
    const closed: string[] = [];
    const live = { ...seen[1], state: "open" as const };
    await start({ "connections.list": () => [seen[1], { ...live, id: "01K5D" }], "connections.close": ({ id }) => (closed.push(id), {}) });
    expect(await portail(["connections", "close", "7f3k-92qd", "--json"], { stateDir })).toMatchObject({
      code: 0,
      stdout: '{"closed":"01K5D"}\n',
    });
    expect(closed).toEqual(["01K5D"]);
  });

  it("Ctrl-C ends a command that waits for an answer, without a complaint", async () => {
    const interrupt = new AbortController();
    await start({ "policy.get": () => new Promise(() => interrupt.abort()) });
    expect(await portail(["policy", "show"], { stateDir, signal: interrupt.signal })).toEqual({ code: 1, stdout: "", stderr: "" });
  });

  it("what the agent refuses is told with its code", async () => {
    await start({ "connections.close": () => Promise.reject(new AgentError("CONTROL_NOT_FOUND", "no connection \u001b[31mx")) });
    const { code, stderr } = await portail(["connections", "close", "x"], { stateDir });
    expect(code).toBe(2);
    expect(stderr).toBe(
      "portail: There is no such thing. (CONTROL_NOT_FOUND)\n  no connection \\x1b[31mx\n  It may have ended; list again.\n",
    );
  });
});

describe("portail run", () => {
  it("hands its words to the agent with absolute paths, and ends as the agent does", async () => {
    const asked: unknown[] = [];
    const runAgent = (options: unknown) => (asked.push(options), Promise.resolve(0));
    expect((await portail(["run", "--config", "p.yaml", "--state-dir", "s", "--supervised"], { cwd: "/home/me", runAgent })).code).toBe(0);
    expect((await portail(["run"], { runAgent: () => Promise.reject(new AgentError("AGENT_RUNNING", "pid 7")) })).code).toBe(1);
    expect(asked).toEqual([{ configPath: "/home/me/p.yaml", stateDir: "/home/me/s", supervised: true }]);
  });
});

describe("tools that need no agent", () => {
  let cwd: string;
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), "portail-cli-"));
  });
  afterEach(() => rmSync(cwd, { recursive: true }));

  it("config check names the place of a mistake and ends with 2", async () => {
    writeFileSync(join(cwd, "good.yaml"), "listeners:\n  local: { kind: proxy, listen: 127.0.0.1:1080 }\n");
    writeFileSync(join(cwd, "bad.yaml"), "listenres: {}\n");
    expect(await portail(["config", "check", "good.yaml"], { cwd })).toMatchObject({ code: 0, stdout: "good.yaml is right.\n" });
    const bad = await portail(["config", "check", "bad.yaml"], { cwd });
    expect(bad.code).toBe(2);
    expect(bad.stdout).toContain("bad.yaml:1:1:");
    const json = await portail(["config", "check", "bad.yaml", "--json"], { cwd });
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, problems: [{ line: 1, column: 1 }] });
    expect((await portail(["config", "check", "absent.yaml"], { cwd })).code).toBe(2);
  });

  it("config schema prints a JSON Schema", async () => {
    const { stdout } = await portail(["config", "schema"]);
    expect(JSON.parse(stdout)).toMatchObject({ title: "portail.yaml", type: "object" });
  });

  it("audit says so when there is no record", async () => {
    mkdirSync(stateDir, { mode: 0o700 });
    const { code, stderr } = await portail(["audit", "verify"], { stateDir });
    expect(code).toBe(2);
    expect(stderr).toContain("there is no record in");
  });
});

describe("help", () => {
  it.each([
    [[], "help"],
    [["help", "policy"], "help-policy"],
    [["help", "explain"], "help-explain"],
    [["audit", "-h"], "help-audit"],
  ])("for %j reads well", async (words, name) => {
    const { code, stdout } = await portail(words);
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot(`golden/${name}.txt`);
  });
});

it("every failure code has an exit code that scripts can branch on", () => {
  for (const code of failureCodes) expect([1, 2, 3]).toContain(exitCodes[code]);
});
