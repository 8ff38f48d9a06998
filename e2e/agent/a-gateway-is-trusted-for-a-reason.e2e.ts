import fs from "node:fs";
import path from "node:path";
import type { AuditRecord, Status } from "../../agent/contract/index.ts";
import { type Agent, connectionLike, createAuthority, eventually, expect, openTunnel, run, test } from "../rig/index.ts";
import { startTlsSocks } from "../rig/proxies.ts";

const policy = 'portail policy 1\npolicy all { when not request.direct allow }\nroute out { use ["gw"] }\n';

const configOf = (port: number, tls: string) =>
  `watch: none\nlisteners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\nbackends:\n  gw: { kind: socks5, address: "127.0.0.1:${port}", tls: { ${tls} } }\npolicy: policy.portail\n`;

const curl = (agent: Agent, url: string) => run("curl", ["-sS", "--max-time", "10", "-x", `socks5h://${agent.address()}`, url]);

test("who trusts another authority is refused with the cause, and a reload with the right one heals it without dropping anything", async ({
  lab,
}) => {
  const echo = await lab.tcp();
  const origin = await lab.http();
  const [authority, other] = [createAuthority(lab.dir), createAuthority(lab.dir, "Other CA")];
  const { cert, key } = authority.issue("gw", { names: ["DNS:gw.test"] });
  const port = await startTlsSocks(lab, { cert, key });
  const ca = path.join(lab.dir, "trusted.pem");
  fs.copyFileSync(authority.cert, ca);
  const agent = await lab.agent({
    config: configOf(port, `server_name: gw.test, ca: "${ca}"`).replace("policy: policy.portail\n", ""),
    policy,
  });
  const living = await openTunnel(agent.port(), { port: echo.port });
  expect(living.reply).toBe(0);

  fs.copyFileSync(other.cert, ca);
  expect((await agent.portail(["reload"])).stdout).toContain("was renewed");
  expect((await curl(agent, origin.url)).code).not.toBe(0);
  const refused = await connectionLike(agent, { end: "TLS_UNKNOWN_ISSUER" });
  expect(refused.backend).toBeUndefined();
  const told = await agent.portail(["explain", refused.incident ?? ""]);
  expect(told.stdout).toMatch(/^ALLOW .*\n[^]*then: .*an authority that is not trusted here. \(TLS_UNKNOWN_ISSUER\)\n.*CN=Lab CA/m);
  const { backends } = await agent.json<Status>(["status"]);
  expect(backends.find(({ name }) => name === "gw")).toMatchObject({
    health: "failing",
    problem: expect.stringContaining("CN=Lab CA") as unknown,
  });

  fs.copyFileSync(authority.cert, ca);
  await agent.portail(["reload"]);
  expect(await curl(agent, origin.url)).toMatchObject({ code: 0, stdout: "hello from the origin\n" });
  living.write("still here");
  expect(await living.read(10)).toBe("still here");
  living.socket.destroy();
});

test("a broken certificate file refuses the whole reload, with its place, and what worked goes on working", async ({ lab }) => {
  const origin = await lab.http();
  const authority = createAuthority(lab.dir);
  const { cert, key } = authority.issue("gw", { names: ["DNS:gw.test"] });
  const port = await startTlsSocks(lab, { cert, key });
  const ca = path.join(lab.dir, "trusted.pem");
  fs.copyFileSync(authority.cert, ca);
  const agent = await lab.agent({
    config: configOf(port, `server_name: gw.test, ca: "${ca}"`).replace("policy: policy.portail\n", ""),
    policy,
  });
  fs.writeFileSync(ca, "not a certificate");
  const reload = await agent.portail(["reload"]);
  expect(reload.code).not.toBe(0);
  expect(reload.stdout + reload.stderr).toMatch(/portail\.yaml:4:\d+: E_CERTIFICATE: .*trusted\.pem holds no certificate \(PEM\)/);
  expect(await curl(agent, origin.url)).toMatchObject({ code: 0 });
});

test("verification ends only by its dangerous name, with an alarm and a record", async ({ lab }) => {
  const origin = await lab.http();
  const { cert, key } = createAuthority(lab.dir, "Nobody").issue("other");
  const port = await startTlsSocks(lab, { cert, key });
  const agent = await lab.agent({
    config: configOf(port, "dangerously_skip_verification: true").replace("policy: policy.portail\n", ""),
    policy,
  });
  expect(await curl(agent, origin.url)).toMatchObject({ code: 0 });
  const { alarms } = await agent.json<Status>(["status"]);
  expect(alarms).toContainEqual(
    expect.objectContaining({ code: "TLS_UNVERIFIED", detail: expect.stringContaining("backends.gw") as unknown }),
  );
  await eventually(async () => {
    const { stdout } = await agent.portail(["audit", "--json"]);
    const records = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as AuditRecord);
    expect(records.some(({ kind, body }) => kind === "event" && JSON.stringify(body).includes("dangerously_skip_verification"))).toBe(true);
  });
});

test("a certificate that expires soon is told in the status while everything still works", async ({ lab }) => {
  const authority = createAuthority(lab.dir);
  const soon = authority.issue("laptop", { use: "clientAuth", fromDays: -80, untilDays: 6 });
  const config = `listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\nidentities:\n  laptop: { kind: file, cert: "${soon.cert}", key: "${soon.key}" }\n`;
  const agent = await lab.agent({ config });
  const { alarms, identities } = await agent.json<Status>(["status"]);
  expect(alarms).toContainEqual(
    expect.objectContaining({ code: "TLS_EXPIRES_SOON", detail: expect.stringContaining("CN=laptop expires") as unknown }),
  );
  expect(identities[0]).toMatchObject({ name: "laptop", issuer: "O=Lab, CN=Lab CA" });
});

test("a gateway that takes the connection and never says a word is told apart from one that is down", async ({ lab }) => {
  const silent = await lab.tcp(() => undefined);
  const agent = await lab.agent({
    config: `limits: { connect: 1s }\n${configOf(silent.port, "server_name: gw.test").replace("policy: policy.portail\n", "")}`,
    policy,
  });
  expect((await curl(agent, "http://127.0.0.1:1/")).code).not.toBe(0);
  await connectionLike(agent, { end: "TLS_TIMEOUT" });
});
