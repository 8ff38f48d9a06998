import { execFileSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import tls from "node:tls";
import { memoryHolds } from "../../agent/testing/index.ts";
import { type Agent, type Authority, createAuthority, expect, type Lab, makeToken, run, test } from "../rig/index.ts";
import { startMicrosocks } from "../rig/proxies.ts";

const policy = 'portail policy 1\npolicy all { when not request.direct allow log full }\nroute far { use ["far"] }\n';

interface Gateway {
  readonly port: number;
  /** The master secret of each session: who has one and its ticket is whoever began the session. */
  readonly secrets: readonly string[];
  readonly resumed: () => number;
}

/** Mutual TLS 1.2, whose sessions are their master secrets (RFC 5246 section 8.1), in front of a SOCKS5 server. */
async function startGateway(lab: Lab, authority: Authority): Promise<Gateway> {
  const socks = await startMicrosocks();
  lab.after(socks.close);
  const { cert, key } = authority.issue("gateway", { names: ["DNS:gw.test"] });
  const secrets: string[] = [];
  let resumed = 0;
  const [certificate, privateKey, ca] = [cert, key, authority.cert].map((file) => fs.readFileSync(file));
  const options = { cert: certificate, key: privateKey, ca, requestCert: true, maxVersion: "TLSv1.2" } as const;
  const server = tls.createServer(options, (socket) => {
    if (socket.isSessionReused()) resumed += 1;
    const behind = net.connect(socks.port, "127.0.0.1");
    socket.on("error", () => behind.destroy()).pipe(behind);
    behind.on("error", () => socket.destroy()).pipe(socket);
  });
  server.on("keylog", (line: Buffer) => {
    const [label, , secret] = line.toString().trim().split(" ");
    if (label === "CLIENT_RANDOM" && secret !== undefined) secrets.push(secret);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  lab.after(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return { port: (server.address() as net.AddressInfo).port, secrets, resumed: () => resumed };
}

const configOf = (authority: Authority, port: number, laptop: string): string =>
  "listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\n" +
  `backends:\n  far: { kind: socks5, address: "127.0.0.1:${port}", tls: { server_name: gw.test, ca: "${authority.cert}", identity: laptop } }\n` +
  `identities:\n  laptop: ${laptop}\n`;

async function useOften(lab: Lab, agent: Agent): Promise<void> {
  const origin = await lab.http();
  for (let at = 0; at < 4; at += 1) {
    const got = await run("curl", ["-sS", "--max-time", "15", "-x", `socks5h://${agent.address()}`, origin.url]);
    expect(got).toMatchObject({ code: 0, stdout: "hello from the origin\n" });
  }
  for (const words of [["identity", "show", "laptop"], ["status"], ["connections"]]) await agent.portail(words);
}

/** A number as OpenSSL keeps it in memory, and as everybody writes it. */
const secretNumber = (keyFile: string): readonly Buffer[] => {
  const { d = "" } = createPrivateKey(fs.readFileSync(keyFile)).export({ format: "jwk" });
  const written = Buffer.from(d, "base64url");
  return [written, Buffer.from(written).reverse()];
};

/** Every way in which bytes may stand in a text, and themselves. */
const spellings = (bytes: Buffer): readonly string[] => [
  bytes.toString("latin1"),
  bytes.toString("hex"),
  bytes.toString("hex").toUpperCase(),
  bytes.toString("base64").replaceAll("=", ""),
  bytes.toString("base64url"),
];

async function expectNowhere(agent: Agent, words: readonly string[]): Promise<void> {
  const own = [agent.pid, ...childrenOf(agent.pid)].flatMap((pid) => [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`]);
  const files = fs.readdirSync(agent.stateDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = new Map([...own, ...files.map((entry) => path.join(entry.parentPath, entry.name))].map((file) => [file, read(file)]));
  texts.set("the log", agent.log());
  texts.set("the record", (await agent.portail(["audit", "--json"])).stdout);
  expect(texts.get("the record")).toContain("127.0.0.1");
  for (const [place, text] of texts) expect(words.filter((word) => text.includes(word)).length, `secrets in ${place}`).toBe(0);
  for (const pid of [agent.pid, ...childrenOf(agent.pid)])
    expect(fs.readFileSync(`/proc/${pid}/limits`, "utf8")).toMatch(/^Max core file size\s+0\s+0 /m);
}

test("a key in a file and the sessions that it opens are in the agent's memory and nowhere else", async ({ lab }) => {
  const authority = createAuthority(lab.dir);
  const gateway = await startGateway(lab, authority);
  const { cert, key } = authority.issue("laptop", { use: "clientAuth" });
  const agent = await lab.agent({ config: configOf(authority, gateway.port, `{ kind: file, cert: "${cert}", key: "${key}" }`), policy });
  await useOften(lab, agent);
  expect(gateway.resumed()).toBeGreaterThan(0);
  const sessions = gateway.secrets.map((secret) => Buffer.from(secret, "hex"));
  // The search finds what is there.
  expect(secretNumber(key).some((number) => memoryHolds(agent.pid, number))).toBe(true);
  expect(sessions.some((session) => memoryHolds(agent.pid, session))).toBe(true);
  const lines = fs
    .readFileSync(key, "utf8")
    .split("\n")
    .filter((line) => /^[A-Za-z0-9+/=]{40,}$/.test(line));
  expect(lines.length).toBeGreaterThan(0);
  await expectNowhere(agent, [...lines, ...[...secretNumber(key), ...sessions].flatMap(spellings)]);
});

test("a key in a token is not even in the agent's memory", async ({ lab }) => {
  const authority = createAuthority(lab.dir);
  const gateway = await startGateway(lab, authority);
  const { cert, key } = authority.issue("laptop", { use: "clientAuth" });
  const token = makeToken(lab.dir, "161803-golden");
  const eight = path.join(lab.dir, "laptop.p8");
  execFileSync("openssl", ["pkcs8", "-topk8", "-nocrypt", "-in", key, "-out", eight], { stdio: "pipe" });
  const words = ["--import", eight, "--token", token.label, "--label", "laptop", "--id", "3131", "--pin", token.pin];
  execFileSync("softhsm2-util", words, { env: { ...process.env, SOFTHSM2_CONF: path.join(lab.dir, "softhsm2.conf") }, stdio: "pipe" });
  const pin = path.join(lab.dir, "pin");
  fs.writeFileSync(pin, token.pin, { mode: 0o600 });
  const laptop = `{ kind: pkcs11, module: ${token.modulePath}, uri: "pkcs11:token=${token.label};object=laptop", pin: "file:${pin}" }`;
  const agent = await lab.agent({ config: configOf(authority, gateway.port, laptop), policy });
  const imported = await agent.portail(["identity", "import", "laptop", cert]);
  expect(imported.code, imported.stderr).toBe(0);
  await useOften(lab, agent);
  const sessions = gateway.secrets.map((secret) => Buffer.from(secret, "hex"));
  expect(sessions.some((session) => memoryHolds(agent.pid, session))).toBe(true);
  for (const number of secretNumber(key)) expect(memoryHolds(agent.pid, number)).toBe(false);
  await expectNowhere(agent, [...secretNumber(key), ...sessions].flatMap(spellings));
});

function childrenOf(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`)
    .split(" ")
    .filter((word) => word !== "")
    .map(Number);
}

function read(file: string): string {
  try {
    return fs.readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
