import fs from "node:fs";
import path from "node:path";
import type { Status } from "../../agent/contract/index.ts";
import { type Agent, connectionLike, createAuthority, eventually, expect, type Lab, run, test } from "../rig/index.ts";
import { startTlsSocks } from "../rig/proxies.ts";

const policy = 'portail policy 1\npolicy all { when not request.direct allow }\nroute out { use ["gw"] }\n';

interface Judged {
  readonly agent: Agent;
  readonly url: string;
  /** Replace the script; it counts without a reload. */
  write(script: string): void;
  get(): Promise<number>;
}

const scriptOf = (body: string): string => `export default async function verify(server) {\n  ${body}\n}\n`;

/** A gateway behind stunnel, met by a backend with a script. */
async function judgedGateway(lab: Lab, body: string, tls?: (ca: string) => string): Promise<Judged> {
  const origin = await lab.http();
  const authority = createAuthority(lab.dir);
  const { cert, key } = authority.issue("gw", { names: ["DNS:gw.test", "URI:spiffe://lab/gw"] });
  const port = await startTlsSocks(lab, { cert, key });
  const script = path.join(lab.dir, "check.mjs");
  fs.writeFileSync(script, scriptOf(body));
  const trust = tls?.(authority.cert) ?? `server_name: gw.test, ca: "${authority.cert}"`;
  const agent = await lab.agent({
    config:
      "listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\n" +
      `backends:\n  gw: { kind: socks5, address: "127.0.0.1:${port}", tls: { ${trust}, verify: "${script}" } }\n`,
    policy,
  });
  const args = ["-sS", "--max-time", "15", "-o", "/dev/null", "-x", `socks5h://${agent.address()}`, origin.url];
  return {
    agent,
    url: origin.url,
    write: (text) => fs.writeFileSync(script, scriptOf(text)),
    get: async () => (await run("curl", args)).code ?? -1,
  };
}

const sandboxes = (agent: Agent): readonly string[] =>
  fs
    .readFileSync(`/proc/${agent.pid}/task/${agent.pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter((pid) => pid !== "" && fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("guest-process"));

test("a script sees the chain and the name, lets a server in or refuses it in its own words, and follows its file", async ({ lab }) => {
  const welcome = `const [leaf] = server.chain;
  return leaf.subjectAltName.includes("URI:spiffe://lab/gw") && leaf.issuer === "O=Lab, CN=Lab CA" && server.serverName === "gw.test"
    && server.host === "127.0.0.1" && server.port > 0 && leaf.pem.startsWith("-----BEGIN CERTIFICATE-----");`;
  const { agent, get, write } = await judgedGateway(lab, welcome);
  expect(sandboxes(agent)).toEqual([]);
  for (let at = 0; at < 3; at += 1) expect(await get()).toBe(0);
  expect(sandboxes(agent)).toHaveLength(1);
  write("return `the gateway ${server.chain[0].subject} was retired\\nlast week`;");
  await eventually(async () => expect(await get()).not.toBe(0));
  await connectionLike(agent, { end: "TLS_PLUGIN_REFUSED" });
  const { backends } = await agent.json<Status>(["status"]);
  expect(backends.find(({ name }) => name === "gw")?.problem).toContain("the gateway O=Lab, CN=gw was retired last week");
  write(welcome);
  await eventually(async () => expect(await get()).toBe(0));
});

const hostile: Readonly<Record<string, string>> = {
  "reads a file": 'const fs = await import("node:fs"); return fs.readFileSync("/etc/passwd").length > 0;',
  spins: "for (;;);",
  allocates: "const kept = []; for (;;) kept.push(new Array(100000).fill(kept.length));",
  throws: 'throw new Error("no idea");',
  "never answers": "await new Promise(() => {});",
  "answers nothing": "",
  "answers something else": "return { toString: () => 'true' };",
};

test("a script that is broken or hostile refuses its server and holds nobody else up", async ({ lab }) => {
  const { agent, get, write, url } = await judgedGateway(lab, "return true;");
  expect(await get()).toBe(0);
  for (const [what, body] of Object.entries(hostile)) {
    write(body);
    await eventually(async () => expect(await get(), what).not.toBe(0));
    // The agent itself answers as fast as ever.
    const status = await agent.json<Status>(["status"]);
    expect(status.state).toBe("ready");
    expect(status.backends.find(({ name }) => name === "gw")?.problem, what).toContain("TLS_PLUGIN_REFUSED");
  }
  expect(url).toContain("127.0.0.1");
});

test("a script adds to the chain and never replaces it, unless somebody dangerously said so", async ({ lab }) => {
  const wrong = createAuthority(lab.dir, "Other CA").cert;
  const added = await judgedGateway(lab, "return true;", () => `server_name: gw.test, ca: "${wrong}"`);
  expect(await added.get()).not.toBe(0);
  await connectionLike(added.agent, { end: "TLS_UNKNOWN_ISSUER" });
  expect(sandboxes(added.agent)).toEqual([]);

  const body = 'return server.chain[0].subjectAltName.includes("spiffe://lab/gw")';
  const alone = await judgedGateway(lab, body, () => "server_name: elsewhere.test, dangerously_skip_verification: true");
  expect(await alone.get()).toBe(0);
  expect((await alone.agent.json<Status>(["status"])).alarms.map(({ code }) => code)).toContain("TLS_UNVERIFIED");
  alone.write("return false;");
  await eventually(async () => expect(await alone.get()).not.toBe(0));
});

test("a script also judges servers that are shown a guarded key, again when a session is resumed", async ({ lab }) => {
  const origin = await lab.http();
  const authority = createAuthority(lab.dir);
  const [gw, laptop] = [authority.issue("gw", { names: ["DNS:gw.test"] }), authority.issue("laptop", { use: "clientAuth" })];
  const at = (name: string): string => path.join(lab.dir, name);
  fs.writeFileSync(at("password"), "s3cret", { mode: 0o600 });
  await run("openssl", ["pkey", "-in", laptop.key, "-aes256", "-passout", `file:${at("password")}`, "-out", at("guarded.key")]);
  fs.chmodSync(at("guarded.key"), 0o600);
  const lines = [`CAfile = ${authority.cert}`, "verifyChain = yes", "requireCert = yes"];
  const port = await startTlsSocks(lab, { ...gw, lines });
  fs.writeFileSync(at("check.mjs"), scriptOf('return server.chain[0].subject === "O=Lab, CN=gw";'));
  const agent = await lab.agent({
    config:
      "listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\n" +
      `backends:\n  gw: { kind: socks5, address: "127.0.0.1:${port}", tls: { server_name: gw.test, ca: "${authority.cert}", identity: laptop, verify: "${at("check.mjs")}" } }\n` +
      `identities:\n  laptop: { kind: file, cert: "${laptop.cert}", key: "${at("guarded.key")}", password: "file:${at("password")}" }\n`,
    policy,
  });
  const get = async () =>
    (await run("curl", ["-sS", "-m", "15", "-o", "/dev/null", "-x", `socks5h://${agent.address()}`, origin.url])).code;
  for (let turn = 0; turn < 3; turn += 1) expect(await get()).toBe(0);
  fs.writeFileSync(at("check.mjs"), scriptOf("return 'not today';"));
  await eventually(async () => expect(await get()).not.toBe(0));
  await connectionLike(agent, { end: "TLS_PLUGIN_REFUSED" });
});
