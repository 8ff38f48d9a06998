import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import type { AuditRecord } from "../../agent/contract/index.ts";
import { type Agent, connectionLike, eventually, expect, type Lab, openTunnel, run, test } from "../rig/index.ts";
import { controlCall } from "../rig/control-call.ts";
import { startTinyproxy } from "../rig/proxies.ts";
import type { SshServer } from "../rig/ssh-server.ts";

const listener = "listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\nlimits: { connect: 60s }\n";
const policy = `portail policy 1\npolicy all { when not request.direct allow }\nroute out { use ["jump"] }\n`;
const user = process.env["USER"] ?? "root";
const curl = (agent: Agent, url: string, scheme = "socks5h") =>
  run("curl", ["-sS", "--max-time", "30", "-p", "-x", `${scheme}://${agent.address()}`, url]);

function jump(server: SshServer, words: string): string {
  return `${listener}backends:\n  jump: { kind: ssh, address: "127.0.0.1:${server.port}", username: ${user}, ${words} }\n`;
}

/** The server is known already, and the person's key lets us in. */
function known(lab: Lab, server: SshServer): string {
  const file = path.join(lab.dir, "known_hosts");
  fs.writeFileSync(file, server.knownHost());
  return `known_hosts: "${file}", key: "${server.personKey}"`;
}

const question = (agent: Agent) =>
  eventually(async () => {
    const { questions } = await agent.json<{ questions: { id: string; fingerprint: string }[] }>(["hostkeys"]);
    const [first] = questions;
    if (first === undefined) throw new Error("nothing is asked");
    return first;
  });

const sum = (bytes: Buffer | string) => createHash("sha256").update(bytes).digest("hex");

test("a key file: curl by SOCKS5 and by CONNECT, and git, reach what is behind the server", async ({ lab }) => {
  const server = await lab.sshd();
  const origin = await lab.http();
  const agent = await lab.agent({ config: jump(server, known(lab, server)), policy });
  for (const scheme of ["socks5h", "http"])
    expect(await curl(agent, origin.url.replace("127.0.0.1", "localhost"), scheme)).toMatchObject({
      code: 0,
      stdout: "hello from the origin\n",
    });
  await connectionLike(agent, { backend: "jump", end: "served", host: "localhost" });

  // git over ssh through the tunnel: the server of the jump is a destination too.
  const repository = path.join(lab.dir, "repository.git");
  execFileSync("git", ["init", "-q", "--bare", repository]);
  const command = `ssh ${server.login.join(" ")} -o ProxyCommand='nc.openbsd -X 5 -x ${agent.address()} %h %p'`;
  const got = await run("git", ["ls-remote", `ssh://${user}@127.0.0.1:${server.port}${repository}`], { env: { GIT_SSH_COMMAND: command } });
  expect(got).toMatchObject({ code: 0, stderr: "" });
});

test("an ssh-agent logs in, and no key is read", async ({ lab }) => {
  const server = await lab.sshd();
  const origin = await lab.http();
  const socket = path.join(lab.dir, "agent.sock");
  const child = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  lab.after(() => void child.kill("SIGTERM"));
  await eventually(() => fs.accessSync(socket));
  execFileSync("ssh-add", ["-q", server.personKey], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: "pipe" });
  const hosts = known(lab, server).split(",")[0];
  for (const [words, env] of [
    [`${hosts}, agent: "${socket}"`, {}],
    [`${hosts}`, { SSH_AUTH_SOCK: socket }],
  ] as const) {
    const agent = await lab.agent({ config: jump(server, words), policy, env });
    expect(await curl(agent, origin.url)).toMatchObject({ code: 0, stdout: "hello from the origin\n" });
  }
});

test("an encrypted key asks the person once, and its passphrase is found nowhere", async ({ lab }) => {
  const passphrase = "correct-horse-battery";
  const server = await lab.sshd();
  const origin = await lab.http();
  const words = known(lab, server);
  execFileSync("ssh-keygen", ["-q", "-p", "-N", passphrase, "-P", "", "-f", server.personKey], { stdio: "pipe" });
  const agent = await lab.agent({ config: jump(server, words), policy });
  const first = curl(agent, origin.url);
  const asked = await eventually(async () => {
    const { questions } = await controlCall<{ questions: { id: string }[] }>(agent, "identity.questions", {});
    const [one] = questions;
    if (one === undefined) throw new Error("nothing is asked");
    return one;
  });
  await controlCall(agent, "identity.answer", { id: asked.id, pin: passphrase });
  expect(await first).toMatchObject({ code: 0 });
  expect(await curl(agent, origin.url)).toMatchObject({ code: 0 });

  const keyLines = fs.readFileSync(server.personKey, "utf8").split("\n").slice(1, 4);
  const proc = `/proc/${agent.pid}`;
  const files = fs.readdirSync(agent.stateDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const places = {
    log: agent.log(),
    arguments: fs.readFileSync(`${proc}/cmdline`, "utf8"),
    environment: fs.readFileSync(`${proc}/environ`, "utf8"),
    record: (await agent.portail(["audit", "--json"])).stdout,
    ...Object.fromEntries(files.map((entry) => [entry.name, fs.readFileSync(path.join(entry.parentPath, entry.name), "latin1")])),
  };
  expect(places.record).toContain("identity.answer");
  for (const [place, text] of Object.entries(places))
    for (const word of [passphrase, ...keyLines]) expect(text.includes(word), `a secret in ${place}`).toBe(false);
});

test("a new server is asked about: accepted it is known from then on, and the record says so", async ({ lab }) => {
  const server = await lab.sshd();
  const origin = await lab.http();
  const config = jump(server, `known_hosts: "${lab.dir}/none", key: "${server.personKey}"`);
  const agent = await lab.agent({ config, policy });
  const waiting = [curl(agent, origin.url), curl(agent, origin.url, "http")];
  const { id, fingerprint } = await question(agent);
  expect(execFileSync("ssh-keygen", ["-lf", path.join(server.dir, "host.pub")], { encoding: "utf8" })).toContain(fingerprint);
  expect(await agent.portail(["hostkeys", "accept", id])).toMatchObject({ code: 0 });
  for (const one of await Promise.all(waiting)) expect(one).toMatchObject({ code: 0, stdout: "hello from the origin\n" });

  const file = path.join(agent.stateDir, "ssh_known_hosts");
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  // OpenSSH itself reads it.
  const ssh = [
    "-F",
    "/dev/null",
    "-o",
    `UserKnownHostsFile=${file}`,
    "-o",
    "StrictHostKeyChecking=yes",
    "-o",
    "BatchMode=yes",
    "-i",
    server.personKey,
  ];
  expect(await run("ssh", [...ssh, "-p", String(server.port), `${user}@127.0.0.1`, "true"])).toMatchObject({ code: 0 });
  const { stdout } = await agent.portail(["audit", "--json", "--limit", "100"]);
  const records = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as AuditRecord);
  expect(JSON.stringify(records)).toContain("host_key_accepted");

  expect(await agent.stop()).toBe(0);
  const again = await lab.agent({ dir: agent.dir, config, policy });
  expect(await curl(again, origin.url)).toMatchObject({ code: 0 });
});

test("a new server that is refused, or that the configuration does not ask about, is not spoken to", async ({ lab }) => {
  const server = await lab.sshd();
  const origin = await lab.http();
  const unknown = `known_hosts: "${lab.dir}/none", key: "${server.personKey}"`;
  const agent = await lab.agent({ config: jump(server, unknown), policy });
  const first = curl(agent, origin.url);
  const { id } = await question(agent);
  expect(await agent.portail(["hostkeys", "refuse", id])).toMatchObject({ code: 0 });
  expect((await first).code).not.toBe(0);
  await connectionLike(agent, { end: "SSH_HOST_KEY_UNKNOWN" });

  const strict = await lab.agent({ config: jump(server, `${unknown}, first_use: refuse`), policy });
  expect((await curl(strict, origin.url)).code).not.toBe(0);
  await connectionLike(strict, { end: "SSH_HOST_KEY_UNKNOWN" });
  expect(origin.seen).toBe(0);
});

test("a changed key is refused by name and never asked about, until the old one is forgotten", async ({ lab }) => {
  const server = await lab.sshd();
  const origin = await lab.http();
  const agent = await lab.agent({ config: jump(server, `known_hosts: "${lab.dir}/none", key: "${server.personKey}"`), policy });
  const first = curl(agent, origin.url);
  await agent.portail(["hostkeys", "accept", (await question(agent)).id]);
  expect(await first).toMatchObject({ code: 0 });

  await server.restart({ hostKey: "new" });
  const refused = await curl(agent, origin.url, "http");
  expect(refused.code).not.toBe(0);
  await connectionLike(agent, { end: "SSH_HOST_KEY_CHANGED" });
  expect((await agent.json<{ questions: unknown[] }>(["hostkeys"])).questions).toEqual([]);
  expect(origin.seen).toBe(1);

  expect(await agent.portail(["hostkeys", "forget", `127.0.0.1:${server.port}`])).toMatchObject({ code: 0 });
  const second = curl(agent, origin.url);
  await agent.portail(["hostkeys", "accept", (await question(agent)).id]);
  expect(await second).toMatchObject({ code: 0 });
});

test("a server that was forgotten is asked about again, also while a connection to it is open", async ({ lab }) => {
  const server = await lab.sshd();
  const origin = await lab.http();
  const agent = await lab.agent({ config: jump(server, `known_hosts: "${lab.dir}/none", key: "${server.personKey}"`), policy });
  const first = curl(agent, origin.url);
  await agent.portail(["hostkeys", "accept", (await question(agent)).id]);
  expect(await first).toMatchObject({ code: 0 });

  expect(await agent.portail(["hostkeys", "forget", `127.0.0.1:${server.port}`])).toMatchObject({ code: 0 });
  const second = curl(agent, origin.url);
  expect(await agent.portail(["hostkeys", "refuse", (await question(agent)).id])).toMatchObject({ code: 0 });
  expect((await second).code).not.toBe(0);
  expect(origin.seen).toBe(1);
});

test("what the server's rules forbid, and what it cannot reach, are told apart in its words", async ({ lab }) => {
  const server = await lab.sshd();
  const origin = await lab.http();
  await server.restart({ words: [`PermitOpen localhost:1 127.0.0.1:1`] });
  const agent = await lab.agent({ config: jump(server, known(lab, server)), policy });
  expect((await openTunnel(agent.port(), { port: origin.port })).reply).toBe(2);
  await connectionLike(agent, { end: "DIAL_BACKEND_DENIED" });
  expect((await openTunnel(agent.port(), { host: "localhost", port: 1 })).reply).toBe(5);
  await connectionLike(agent, { end: "DIAL_REFUSED" });
  expect(origin.seen).toBe(0);
});

test("fifty tunnels share one connection, and both directions end by themselves", async ({ lab }) => {
  const server = await lab.sshd();
  const echo = await lab.tcp();
  const agent = await lab.agent({ config: jump(server, known(lab, server)), policy });
  const text = "x".repeat(300_000);
  await Promise.all(
    Array.from({ length: 50 }, async (_, at) => {
      const tunnel = await openTunnel(agent.port(), { port: echo.port });
      expect(tunnel.reply).toBe(0);
      tunnel.write(`${at}:${text}`);
      // Our end is out; the echo still comes, to its last byte, and then the far end.
      tunnel.end();
      expect(sum(await tunnel.read(`${at}:${text}`.length))).toBe(sum(`${at}:${text}`));
      await tunnel.closed;
    }),
  );
  expect(echo.seen).toBe(50);
  expect(connectionsTo(server.port, agent.pid)).toBe(1);
  await connectionLike(agent, { end: "served", host: "127.0.0.1" });
});

test("a far side that ends first still hears the rest of us", async ({ lab }) => {
  const server = await lab.sshd();
  const heard: Buffer[] = [];
  const ended = Promise.withResolvers<undefined>();
  const origin = await lab.tcp((socket) => {
    socket.end("first");
    socket.on("data", (chunk) => heard.push(Buffer.from(chunk))).on("end", () => ended.resolve(undefined));
  });
  const agent = await lab.agent({ config: jump(server, known(lab, server)), policy });
  const tunnel = await openTunnel(agent.port(), { port: origin.port });
  expect(await tunnel.read(5)).toBe("first");
  tunnel.write("y".repeat(200_000));
  tunnel.end();
  await ended.promise;
  expect(Buffer.concat(heard).length).toBe(200_000);
});

test("a tunnel whose reader stalls holds up no other, and little memory", async ({ lab }) => {
  const server = await lab.sshd();
  const size = 16_000_000;
  const origin = await lab.tcp((socket) => {
    const chunk = Buffer.alloc(64_000, "z");
    let left = size / chunk.length;
    const go = (): void => {
      while (left > 0) {
        left -= 1;
        if (!socket.write(chunk)) return void socket.once("drain", go);
      }
      socket.end();
    };
    go();
  });
  const agent = await lab.agent({ config: jump(server, known(lab, server)), policy });
  const stalled = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const tunnel = await openTunnel(agent.port(), { port: origin.port });
      tunnel.socket.pause();
      return tunnel;
    }),
  );
  const before = residentBytes(agent.pid);
  const fast = await openTunnel(agent.port(), { port: origin.port });
  expect((await fast.read(size)).length).toBe(size);
  expect(residentBytes(agent.pid) - before).toBeLessThan(60_000_000);
  for (const tunnel of stalled) tunnel.socket.destroy();
});

test("a server that goes away under load breaks its tunnels off, and is found again", async ({ lab }) => {
  const server = await lab.sshd();
  const echo = await lab.tcp();
  const origin = await lab.http();
  const agent = await lab.agent({ config: jump(server, known(lab, server)), policy });
  const tunnels = await Promise.all(Array.from({ length: 10 }, () => openTunnel(agent.port(), { port: echo.port })));
  for (const tunnel of tunnels) {
    tunnel.write("hello");
    expect(await tunnel.read(5)).toBe("hello");
  }
  await server.restart();
  // Broken off, not ended as if all had been said.
  await Promise.all(tunnels.map(({ closed }) => closed));
  await connectionLike(agent, { end: "CARRY_SERVER_RESET" });
  expect(await curl(agent, origin.url)).toMatchObject({ code: 0, stdout: "hello from the origin\n" });
  await connectionLike(agent, { end: "served", port: origin.port });
});

test("the server is reached through an HTTP proxy", async ({ lab }) => {
  const server = await lab.sshd();
  const origin = await lab.http();
  const proxy = await startTinyproxy(lab.dir);
  lab.after(proxy.close);
  const config = `${jump(server, `${known(lab, server)}, via: corp`)}  corp: { kind: http, address: "127.0.0.1:${proxy.port}" }\n`;
  const agent = await lab.agent({ config, policy });
  expect(await curl(agent, origin.url)).toMatchObject({ code: 0, stdout: "hello from the origin\n" });
  expect(connectionsTo(server.port, agent.pid)).toBe(0);
});

test("a wrong key is told as a wrong login, and no other way is taken", async ({ lab }) => {
  const server = await lab.sshd();
  const origin = await lab.http();
  const other = path.join(lab.dir, "other");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", other]);
  const hosts = known(lab, server).split(",")[0];
  const agent = await lab.agent({ config: jump(server, `${hosts}, key: "${other}"`), policy });
  expect((await curl(agent, origin.url)).code).not.toBe(0);
  await connectionLike(agent, { end: "DIAL_BACKEND_AUTH" });
});

/** Established connections of a process to a port of loopback, by the kernel's own table: proc(5), /proc/net/tcp. */
function connectionsTo(port: number, pid: number): number {
  const own = new Set(fs.readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`)));
  const remote = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = fs
    .readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((row) => row.trim().split(/\s+/));
  return rows.filter(([, , to = "", state, , , , , , inode]) => to.endsWith(remote) && state === "01" && own.has(`socket:[${inode}]`))
    .length;
}

function linkOf(file: string): string {
  try {
    return fs.readlinkSync(file);
  } catch {
    // Closed while we looked.
    return "";
  }
}

function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}
