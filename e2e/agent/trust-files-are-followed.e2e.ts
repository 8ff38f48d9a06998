import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import tls from "node:tls";
import type { Status } from "../../agent/contract/index.ts";
import { type Agent, connectionLike, createAuthority, eventually, expect, openTunnel, run, test } from "../rig/index.ts";
import { startMicrosocks, startTlsSocks } from "../rig/proxies.ts";

const policy = 'portail policy 1\npolicy all { when not request.direct allow }\nroute out { use ["gw"] }\n';

const configOf = (port: number, tls: string, more = "") =>
  `${more}listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\nbackends:\n  gw: { kind: socks5, address: "127.0.0.1:${port}", tls: { ${tls} } }\n`;

const curl = (agent: Agent, url: string) => run("curl", ["-sS", "--max-time", "10", "-x", `socks5h://${agent.address()}`, url]);
const works = async (agent: Agent, url: string) => expect(await curl(agent, url)).toMatchObject({ code: 0 });
const fails = async (agent: Agent, url: string) => expect((await curl(agent, url)).code).not.toBe(0);
const recorded = async (agent: Agent, words: string): Promise<number> => {
  const { stdout } = await agent.portail(["audit", "--json"]);
  return stdout.split("\n").filter((line) => line.includes(words)).length;
};

test("authorities that are replaced by a rename or behind a link count without a reload, and living connections go on", async ({ lab }) => {
  const [echo, origin] = [await lab.tcp(), await lab.http()];
  const [authority, other] = [createAuthority(lab.dir), createAuthority(lab.dir, "Other CA")];
  const port = await startTlsSocks(lab, authority.issue("gw", { names: ["DNS:gw.test"] }));
  for (const [version, { cert }] of Object.entries({ v1: authority, v2: other, v3: authority })) {
    fs.mkdirSync(path.join(lab.dir, version));
    fs.copyFileSync(cert, path.join(lab.dir, version, "ca.pem"));
  }
  const at = (name: string) => path.join(lab.dir, name);
  const turn = (version: string): void => {
    fs.symlinkSync(version, at("..data_tmp"));
    fs.renameSync(at("..data_tmp"), at("..data"));
  };
  turn("v1");
  fs.symlinkSync("..data/ca.pem", at("ca.pem"));
  const agent = await lab.agent({ config: configOf(port, `server_name: gw.test, ca: "${at("ca.pem")}"`), policy });
  const living = await openTunnel(agent.port(), { port: echo.port });
  await works(agent, origin.url);
  turn("v2");
  await eventually(() => fails(agent, origin.url));
  await connectionLike(agent, { end: "TLS_UNKNOWN_ISSUER" });
  turn("v3");
  await eventually(() => works(agent, origin.url));
  fs.copyFileSync(other.cert, at("new.pem"));
  fs.renameSync(at("new.pem"), at("ca.pem"));
  await eventually(() => fails(agent, origin.url));
  living.write("still here");
  expect(await living.read(10)).toBe("still here");
  living.socket.destroy();
  expect(agent.log()).toContain("files that changed were taken over");
});

test("a renewed file that is broken changes nothing but the alarm, and a policy that is being written is left alone", async ({ lab }) => {
  const origin = await lab.http();
  const authority = createAuthority(lab.dir);
  const port = await startTlsSocks(lab, authority.issue("gw", { names: ["DNS:gw.test"] }));
  const ca = path.join(lab.dir, "trusted.pem");
  fs.copyFileSync(authority.cert, ca);
  const agent = await lab.agent({ config: configOf(port, `server_name: gw.test, ca: "${ca}"`), policy });
  const alarms = async () => (await agent.json<Status>(["status"])).alarms.map(({ code }) => code);
  agent.writePolicy("portail policy 1\npolicy all { when");
  fs.writeFileSync(ca, "half a certifi");
  await eventually(async () => expect(await alarms()).toContain("CONFIG_INVALID"));
  await works(agent, origin.url);
  fs.copyFileSync(authority.cert, ca);
  await eventually(async () => expect(await alarms()).not.toContain("CONFIG_INVALID"));
  expect((await agent.json<Status>(["status"])).policy.rules).toBe(1);
  await works(agent, origin.url);
});

test("configuration and policy are followed too when that is asked for", async ({ lab }) => {
  const origin = await lab.http();
  const agent = await lab.agent({
    config: "watch: all\nlisteners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\n",
    policy: "portail policy 1\npolicy all { when true allow }\n",
  });
  await works(agent, origin.url);
  agent.writePolicy("portail policy 1\npolicy none { when true deny }\n");
  await eventually(() => fails(agent, origin.url));
  agent.writePolicy("portail policy 1\npolicy all { when true allow }\n");
  await eventually(() => works(agent, origin.url));
});

test("the operating system's authorities, several files and pins in a file say whom to trust", async ({ lab }) => {
  const origin = await lab.http();
  const [authority, other] = [createAuthority(lab.dir), createAuthority(lab.dir, "Other CA")];
  const gw = authority.issue("gw", { names: ["DNS:gw.test"] });
  const port = await startTlsSocks(lab, gw);
  const pin = (
    await run("sh", [
      "-c",
      `openssl x509 -in '${gw.cert}' -pubkey -noout | openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | base64`,
    ])
  ).stdout.trim();
  const pins = path.join(lab.dir, "pins.txt");
  fs.writeFileSync(pins, `# our gateway\nsha256/${pin} # first key\n`);
  const agent = await lab.agent({
    config: configOf(port, "server_name: gw.test, ca: system"),
    policy,
    env: { SSL_CERT_FILE: authority.cert, SSL_CERT_DIR: lab.dir },
  });
  await works(agent, origin.url);
  const use = async (tls: string) => {
    agent.writeConfig(`${configOf(port, tls)}policy: policy.portail\n`);
    expect(await agent.portail(["reload"])).toMatchObject({ code: 0 });
  };
  await use(`server_name: gw.test, ca: ["${other.cert}", "${authority.cert}"], pins: ["file:${pins}"]`);
  await works(agent, origin.url);
  fs.writeFileSync(pins, `sha256/${"A".repeat(43)}=\n`);
  await eventually(() => fails(agent, origin.url));
  await connectionLike(agent, { end: "TLS_PIN_MISMATCH" });
  for (const foreign of ["bundled", "[bundled, preset:aws-rds, preset:azure]"]) {
    await use(`server_name: gw.test, ca: ${foreign}`);
    await fails(agent, origin.url);
  }
  agent.writeConfig(configOf(port, "ca: preset:google-cloud-sql"));
  const refused = await agent.portail(["reload"]);
  expect(refused.code).not.toBe(0);
  expect(refused.stdout + refused.stderr).toContain("gcloud sql instances describe");
});

test("what was renewed is in the record", async ({ lab }) => {
  const authority = createAuthority(lab.dir);
  const ca = path.join(lab.dir, "trusted.pem");
  fs.copyFileSync(authority.cert, ca);
  const agent = await lab.agent({ config: configOf(1, `ca: "${ca}"`), policy });
  fs.copyFileSync(createAuthority(lab.dir, "Other CA").cert, ca);
  await eventually(async () => expect(await recorded(agent, "trust_renewed")).toBe(1));
});

test("no TLS session of an earlier trust is used again, not even when that trust comes back", async ({ lab }) => {
  const origin = await lab.http();
  const [authority, other] = [createAuthority(lab.dir), createAuthority(lab.dir, "Other CA")];
  const { cert, key } = authority.issue("gw", { names: ["DNS:gw.test"] });
  const socks = await startMicrosocks();
  lab.after(socks.close);
  const resumed: boolean[] = [];
  const server = tls.createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key) }, (socket) => {
    resumed.push(socket.isSessionReused());
    const below = net.connect(socks.port, "127.0.0.1");
    for (const one of [socket, below]) one.on("error", () => socket.destroy(void below.destroy()));
    socket.pipe(below).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  lab.after(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  const ca = path.join(lab.dir, "trusted.pem");
  const one = fs.readFileSync(authority.cert, "utf8");
  fs.writeFileSync(ca, one);
  const { port } = server.address() as net.AddressInfo;
  const agent = await lab.agent({ config: configOf(port, `server_name: gw.test, ca: "${ca}"`), policy });
  const visit = async (): Promise<boolean | undefined> => {
    await works(agent, origin.url);
    return resumed.at(-1);
  };
  const trust = async (text: string): Promise<void> => {
    const before = await recorded(agent, "trust_renewed");
    fs.writeFileSync(ca, text);
    await eventually(async () => expect(await recorded(agent, "trust_renewed")).toBe(before + 1));
  };
  expect(await visit()).toBe(false);
  await eventually(async () => expect(await visit()).toBe(true));
  await trust(one + fs.readFileSync(other.cert, "utf8"));
  expect(await visit()).toBe(false);
  await trust(one);
  expect(await visit()).toBe(false);
  await eventually(async () => expect(await visit()).toBe(true));
});
