import { createHash, createPublicKey, randomBytes, X509Certificate } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { addTpmKey, makeSoftTpm } from "../../agent/testing/index.ts";
import { type Agent, canBeAnother, connectionLike, createAuthority, expect, type Lab, openTunnel, run, test } from "../rig/index.ts";
import { startPostgres } from "../rig/postgres.ts";
import { startStunnel } from "../rig/proxies.ts";
import type { SshServer } from "../rig/ssh-server.ts";
import { sign } from "../rig/token-laptop.ts";

const policy = 'portail policy 1\npolicy all { when not request.direct allow }\nroute out { use ["jump"] }\n';
const user = process.env["USER"] ?? "root";
const served = { code: 0, stdout: "hello from the origin\n" };

const curl = (agent: Agent, url: string) => run("curl", ["-sS", "--max-time", "30", "-x", `socks5h://${agent.address()}`, url]);
const sum = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

function write(lab: Lab, name: string, text: string): string {
  const file = path.join(lab.dir, name);
  fs.writeFileSync(file, text, { mode: 0o600 });
  return file;
}

function jump(port: number, words: string): string {
  return (
    "listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\n" +
    `backends:\n  jump: { kind: ssh, address: "127.0.0.1:${port}", username: ${user}, ${words} }\n`
  );
}

/** The server is known, and the person's key lets us in. */
const known = (lab: Lab, server: SshServer) =>
  `known_hosts: "${write(lab, "known_hosts", server.knownHost())}", key: "${server.personKey}"`;

test("a password that lies in a file logs in and leaves no trace; a wrong one is told as a wrong login", async ({ lab }) => {
  test.skip(!canBeAnother, "SKIPPED LOUDLY: only root can give sshd a password of its own; run the tests as root to prove this");
  const password = "seven-quiet-otters";
  const server = await lab.sshd();
  await server.restart({ password, words: ["PasswordAuthentication yes", "PubkeyAuthentication no"] });
  const origin = await lab.http();
  const hosts = write(lab, "known_hosts", server.knownHost());
  const config = (secret: string) => jump(server.port, `known_hosts: "${hosts}", password: "file:${secret}"`);
  const agent = await lab.agent({ config: config(write(lab, "password", `${password}\n`)), policy });
  expect(await curl(agent, origin.url)).toMatchObject(served);
  await connectionLike(agent, { backend: "jump", end: "served" });

  agent.writeConfig(`${config(write(lab, "wrong", "not-the-otters"))}policy: policy.portail\n`);
  expect(await agent.portail(["reload"])).toMatchObject({ code: 0 });
  expect((await curl(agent, origin.url)).code).not.toBe(0);
  await connectionLike(agent, { end: "DIAL_BACKEND_AUTH" });
  expect(origin.seen).toBe(1);

  const files = fs.readdirSync(agent.stateDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const places = [
    `/proc/${agent.pid}/cmdline`,
    `/proc/${agent.pid}/environ`,
    ...files.map((file) => path.join(file.parentPath, file.name)),
  ];
  for (const word of [password, "not-the-otters"]) {
    for (const place of places) expect(fs.readFileSync(place, "latin1").includes(word), place).toBe(false);
    expect(agent.log()).not.toContain(word);
    expect((await agent.portail(["audit", "--json"])).stdout).not.toContain(word);
  }
});

test("SSH goes inside TLS where the server is behind it", async ({ lab }) => {
  const server = await lab.sshd();
  const origin = await lab.http();
  const authority = createAuthority(lab.dir);
  const { cert, key } = authority.issue("gateway", { names: ["DNS:gw.test"] });
  const front = await startStunnel(lab.dir, server.port, [`cert = ${cert}`, `key = ${key}`]);
  lab.after(front.close);
  const hosts = write(lab, "known_hosts", server.knownHost().replace(`:${server.port}`, `:${front.port}`));
  const words = (ca: string) => `known_hosts: "${hosts}", key: "${server.personKey}", tls: { server_name: gw.test, ca: "${ca}" }`;
  const agent = await lab.agent({ config: jump(front.port, words(authority.cert)), policy });
  expect(await curl(agent, origin.url)).toMatchObject(served);
  await connectionLike(agent, { backend: "jump", end: "served" });
  const stranger = createAuthority(lab.dir, "Stranger");
  const distrustful = await lab.agent({ config: jump(front.port, words(stranger.cert)), policy });
  expect((await curl(distrustful, origin.url)).code).not.toBe(0);
  await connectionLike(distrustful, { end: "TLS_UNKNOWN_ISSUER" });
});

test("keys that are agreed on anew again and again leave every byte where it belongs", async ({ lab }) => {
  const server = await lab.sshd();
  await server.restart({ words: ["RekeyLimit 1M", "LogLevel DEBUG1"] });
  const size = 20_000_000;
  const echo = await lab.tcp();
  const agent = await lab.agent({ config: jump(server.port, known(lab, server)), policy });
  const bytes = [randomBytes(size), randomBytes(size / 4)];
  await Promise.all(
    bytes.map(async (sent) => {
      const { socket, reply } = await openTunnel(agent.port(), { port: echo.port });
      expect(reply).toBe(0);
      const got: Buffer[] = [];
      socket.removeAllListeners("data");
      const ended = new Promise((resolve) => socket.on("data", (part: Buffer) => got.push(part)).once("close", resolve));
      socket.end(sent);
      await ended;
      expect(sum(Buffer.concat(got))).toBe(sum(sent));
    }),
  );
  // More than the one of the beginning, by far.
  expect(server.log().match(/SSH2_MSG_NEWKEYS received/g)?.length).toBeGreaterThan(10);
  await connectionLike(agent, { backend: "jump", end: "served", up: size, down: size });
});

test("a revoked host key, and one that only an authority speaks for, are refused by name and never asked about", async ({ lab }) => {
  const server = await lab.sshd();
  const origin = await lab.http();
  const line = server.knownHost();
  const cases = [
    { text: `${line}@revoked * ${line.slice(line.indexOf(" ") + 1)}`, end: "SSH_HOST_KEY_REVOKED" },
    { text: `@cert-authority ${line}`, end: "SSH_HOST_KEY_UNUSABLE" },
  ] as const;
  for (const { text, end } of cases) {
    const words = `known_hosts: "${write(lab, end, text)}", key: "${server.personKey}"`;
    const agent = await lab.agent({ config: jump(server.port, words), policy });
    expect((await curl(agent, origin.url)).code).not.toBe(0);
    await connectionLike(agent, { end });
    expect((await agent.json<{ questions: unknown[] }>(["hostkeys"])).questions).toEqual([]);
  }
  expect(origin.seen).toBe(0);
});

test("psql, unmodified, reaches a database behind the server", async ({ lab }) => {
  const server = await lab.sshd();
  const database = await startPostgres();
  lab.after(database.close);
  const agent = await lab.agent({ config: jump(server.port, known(lab, server)), policy });
  for (const way of ["socks5", "http"]) {
    const chain = write(lab, `proxychains-${way}.conf`, `strict_chain\n[ProxyList]\n${way} 127.0.0.1 ${agent.port()}\n`);
    const target = `host=127.0.0.1 port=${database.port} user=lab dbname=postgres connect_timeout=15`;
    const asked = await run("proxychains4", ["-q", "-f", chain, "psql", "-XAt", "-d", target, "-c", "select repeat('y', 3000000)"]);
    expect(asked).toMatchObject({ code: 0, stderr: "" });
    expect(asked.stdout).toBe(`${"y".repeat(3_000_000)}\n`);
  }
  await connectionLike(agent, { backend: "jump", port: database.port, end: "served" });
});

test("a key in the machine's TPM logs in", async ({ lab }) => {
  const authority = createAuthority(lab.dir);
  const tpm = await makeSoftTpm(lab.dir);
  lab.after(tpm.stop);
  addTpmKey(tpm, { algorithm: "ecc256", label: "laptop", id: "3131" });
  const server = await lab.sshd();
  const origin = await lab.http();
  const hosts = write(lab, "known_hosts", server.knownHost());
  const agent = await lab.agent({
    config:
      jump(server.port, `known_hosts: "${hosts}", identity: laptop`) +
      `identities:\n  laptop: { kind: tpm2, token: ${tpm.label}, label: laptop, cert: laptop.pem, pin: "file:${write(lab, "pin", tpm.pin)}" }\n`,
    policy,
  });
  const request = await agent.portail(["identity", "enroll", "laptop"]);
  expect(request.code, request.stderr).toBe(0);
  const certificate = sign(authority, request.stdout);
  expect(await agent.portail(["identity", "import", "laptop", certificate])).toMatchObject({ code: 0 });
  const { publicKey } = new X509Certificate(fs.readFileSync(certificate));
  const file = write(
    lab,
    "public.pem",
    createPublicKey(publicKey.export({ type: "spki", format: "pem" })).export({ type: "spki", format: "pem" }) as string,
  );
  server.authorize((await run("ssh-keygen", ["-i", "-m", "PKCS8", "-f", file])).stdout);
  expect(await curl(agent, origin.url)).toMatchObject(served);
  await connectionLike(agent, { backend: "jump", end: "served" });
});
