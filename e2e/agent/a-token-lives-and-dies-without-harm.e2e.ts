import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { memoryHolds } from "../../agent/testing/index.ts";
import { type Agent, createAuthority, eventually, expect, type Lab, type Ran, run, test } from "../rig/index.ts";
import { makeToken, type Token } from "../rig/token.ts";
import { sign } from "../rig/token-laptop.ts";

const neverDirect = 'portail policy 1\npolicy all { when not request.direct allow }\nroute far { use ["far"] }\n';

const makeReader = (lab: Lab): Token => makeToken(lab.dir, "161803-golden");

interface Ends {
  readonly near: Agent;
  readonly pinFile: string;
  /** How many connections the far end has been asked for. */
  readonly reached: () => number;
  readonly curl: () => Promise<Ran>;
}

/** A laptop whose key is in the reader, and the far end, which takes mutual TLS only. One second to connect. */
async function enrolled(lab: Lab, token: Token, { pin }: { readonly pin: "in a file" | "asked for" }): Promise<Ends> {
  const authority = createAuthority(lab.dir);
  const server = authority.issue("gateway", { names: ["DNS:gw.test"] });
  const far = await lab.agent({
    config: `listeners:\n  edge: { kind: proxy, listen: 127.0.0.1:0, users: any, tls: { cert: "${server.cert}", key: "${server.key}", client_ca: "${authority.cert}" } }\n`,
    policy: "portail policy 1\npolicy all { when true allow }\n",
  });
  const counted = await countConnections(lab, far.port("edge"));
  const pinFile = path.join(lab.dir, "pin");
  fs.writeFileSync(pinFile, `${token.pin}\n`, { mode: 0o600 });
  const where = pin === "in a file" ? `, pin: "file:${pinFile}"` : "";
  const near = await lab.agent({
    config:
      `listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\nlimits: { connect: 1s }\n` +
      `backends:\n  far: { kind: socks5, address: "127.0.0.1:${counted.port}", tls: { server_name: gw.test, ca: "${authority.cert}", identity: laptop } }\n` +
      `identities:\n  laptop: { kind: pkcs11, module: ${token.modulePath}, uri: "pkcs11:token=${token.label};object=laptop"${where} }\n`,
    policy: neverDirect,
  });
  const input = `${token.pin}\n`;
  const request = await near.portail(["identity", "enroll", "laptop", "--common-name", "laptop-17"], { input });
  expect(request, request.stderr).toMatchObject({ code: 0 });
  expect(await near.portail(["identity", "import", "laptop", sign(authority, request.stdout)])).toMatchObject({ code: 0 });
  const origin = await lab.http();
  const curl = () => run("curl", ["-sS", "--max-time", "30", "-x", `socks5h://${near.address()}`, origin.url]);
  return { near, pinFile, reached: counted.count, curl };
}

async function countConnections(lab: Lab, to: number): Promise<{ readonly port: number; readonly count: () => number }> {
  let count = 0;
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    count += 1;
    const other = net.connect({ port: to, host: "127.0.0.1", allowHalfOpen: true });
    socket.on("error", () => other.destroy()).pipe(other);
    other.on("error", () => socket.destroy()).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  lab.after(() => void server.close());
  return { port: (server.address() as net.AddressInfo).port, count: () => count };
}

const served = { code: 0, stdout: "hello from the origin\n" };

test("who looks for a PIN, or touches a key, is waited for; the server is not", async ({ lab }) => {
  const reader = makeReader(lab);
  const { near, curl, reached } = await enrolled(lab, reader, { pin: "asked for" });
  expect(await near.portail(["identity", "forget"])).toMatchObject({ code: 0 });
  const begun = performance.now();
  const first = curl();
  await eventually(() => expect(performance.now() - begun).toBeGreaterThan(2500));
  expect(reached(), "the server before the PIN is known").toBe(0);
  const shown = await near.portail(["identity", "show", "laptop"], { input: `${reader.pin}\n` });
  expect(shown).toMatchObject({ code: 0, stderr: expect.stringContaining("PIN of portail") });
  expect(await first).toMatchObject(served);

  expect(await near.portail(["identity", "forget"])).toMatchObject({ code: 0 });
  await near.portail(["identity", "show", "laptop"], { input: `${reader.pin}\n` });
  reader.set("slow", "2500");
  const touched = curl();
  const told = await eventually(async () => {
    const { stderr } = await near.portail(["identity", "show", "laptop"]);
    expect(stderr).toContain('Touch your key "portail".');
    return stderr;
  });
  expect(told).toContain("Touch");
  expect(await touched).toMatchObject(served);
});

test("fifty connections at once ask for one PIN and one signature", async ({ lab }) => {
  const reader = makeReader(lab);
  const { near, curl } = await enrolled(lab, reader, { pin: "in a file" });
  expect(await near.portail(["identity", "forget"])).toMatchObject({ code: 0 });
  const before = reader.logins().length;
  const all = await Promise.all(Array.from({ length: 50 }, curl));
  for (const one of all) expect(one).toMatchObject(served);
  expect(reader.logins().slice(before)).toEqual(["pin 1"]);
});

test("a token that is pulled out takes its tickets along, and serves again when it is back, without a restart", async ({ lab }) => {
  const reader = makeReader(lab);
  const { near, curl } = await enrolled(lab, reader, { pin: "in a file" });
  expect(await curl()).toMatchObject(served);
  const [child] = childrenOf(near.pid);
  reader.set("absent", "");
  await eventually(async () => expect((await curl()).code).not.toBe(0));
  expect(await near.portail(["identity", "show", "laptop"])).toMatchObject({
    stdout: expect.stringContaining('no token "portail" is there'),
  });
  reader.set("absent");
  await eventually(async () => expect(await curl()).toMatchObject(served));
  expect(childrenOf(near.pid)).toEqual([child]);
});

test("a module that dies, hangs or lies costs an error message, and the agent serves on", async ({ lab }) => {
  const reader = makeReader(lab);
  const { near, curl } = await enrolled(lab, reader, { pin: "in a file" });
  for (const answer of ["die", "long", "empty"]) {
    expect(await near.portail(["identity", "forget"])).toMatchObject({ code: 0 });
    reader.set("answer", answer);
    expect((await curl()).code, answer).not.toBe(0);
    reader.set("answer");
    await eventually(async () => expect(await curl(), answer).toMatchObject(served), 20_000);
  }
  expect(childrenOf(near.pid)).toHaveLength(1);
  await near.stop();
  expect(childrenOf(near.pid)).toEqual([]);
});

test("a wrong PIN in a file costs one try, however many connections come", async ({ lab }) => {
  const reader = makeReader(lab);
  const { near, curl, pinFile } = await enrolled(lab, reader, { pin: "in a file" });
  reader.set("tries", "3");
  fs.writeFileSync(pinFile, "not-the-pin\n");
  expect(await near.portail(["identity", "forget"])).toMatchObject({ code: 0 });
  const before = reader.logins().length;
  const refused = Array.from({ length: 5 }, curl);
  // Somebody says no, so that nobody waits for them.
  await near.portail(["identity", "show", "laptop"], { input: "\n" });
  for (const one of refused) expect((await one).code).not.toBe(0);
  expect(reader.logins().slice(before)).toEqual(["pin 1"]);
  fs.writeFileSync(pinFile, `${reader.pin}\n`);
  await near.portail(["identity", "forget"]);
  expect(await curl()).toMatchObject(served);
});

test("a PIN from a file stays in no memory, argument, environment, log, record or core file", async ({ lab }) => {
  const reader = makeReader(lab);
  const { near, curl } = await enrolled(lab, reader, { pin: "in a file" });
  expect(await curl()).toMatchObject(served);
  const { pin } = reader;
  const [child] = childrenOf(near.pid);
  const pids = [near.pid, child ?? 0];
  for (const pid of pids) {
    expect(memoryHolds(pid, pin), `the PIN in the memory of ${pid}`).toBe(false);
    expect(fs.readFileSync(`/proc/${pid}/limits`, "utf8")).toMatch(/^Max core file size\s+0\s+0 /m);
  }
  // The search finds what is there.
  expect(memoryHolds(near.pid, near.stateDir)).toBe(true);
  for (const pid of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
    for (const what of ["cmdline", "environ"]) expect(read(`/proc/${pid}/${what}`).includes(pin), `${what} of ${pid}`).toBe(false);
  const folder = fs.readlinkSync(`/proc/${child}/cwd`);
  process.kill(child ?? 0, "SIGSEGV");
  await eventually(() => expect(childrenOf(near.pid)).toEqual([]));
  for (const file of [...filesUnder(near.stateDir), ...coresIn(folder)]) expect(read(file).includes(pin), file).toBe(false);
  expect(coresIn(folder)).toEqual([]);
  expect(near.log()).not.toContain(pin);
});

function filesUnder(dir: string): string[] {
  const files = fs.readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => path.join(entry.parentPath, entry.name));
}

const coresIn = (dir: string): string[] =>
  fs
    .readdirSync(dir)
    .filter((name) => /^core(\.\d+)?$/.test(name))
    .map((name) => path.join(dir, name));

/** Those that live; what was killed may be a zombie for a moment. */
function childrenOf(pid: number): number[] {
  const pids = fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((one) => {
    const stat = read(`/proc/${one}/stat`);
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(parent) === pid && state !== "Z";
  });
}

function read(file: string): string {
  try {
    return fs.readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
