import fs from "node:fs";
import path from "node:path";
import type { ConnectionView, Status } from "../../agent/contract/index.ts";
import { connectionLike, createAuthority, eventually, expect, freePort, type Lab, run, test } from "../rig/index.ts";
import {
  type ForeignProxy,
  startDante,
  startHaproxy,
  startMicrosocks,
  startNghttpx,
  startStunnel,
  startTinyproxy,
} from "../rig/proxies.ts";

const listener = "listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\n";
const policy = (backends: readonly string[]) =>
  `portail policy 1\npolicy all { when true allow }\nroute out { use [${backends.map((name) => `"${name}"`).join(", ")}] }\n`;

async function kept(lab: Lab, started: Promise<ForeignProxy>): Promise<ForeignProxy> {
  const proxy = await started;
  lab.after(proxy.close);
  return proxy;
}

function secret(lab: Lab, name: string, text: string): string {
  const file = path.join(lab.dir, name);
  fs.writeFileSync(file, text, { mode: 0o600 });
  return file;
}

const curl = (proxy: string, url: string) => run("curl", ["-sS", "--max-time", "15", "-p", "-x", proxy, url]);

const ways = [
  { name: "microsocks", kind: "socks5", start: () => startMicrosocks({ user: "joe", password: "s3cret" }) },
  { name: "tinyproxy", kind: "http", start: (lab: Lab) => startTinyproxy(lab.dir, ["BasicAuth joe s3cret"]) },
];

for (const { name, kind, start } of ways) {
  test(`an origin is reached through ${name} with user name and password, by SOCKS5 and by CONNECT`, async ({ lab }) => {
    const origin = await lab.http();
    const proxy = await kept(lab, start(lab));
    const config = `${listener}backends:\n  out: { kind: ${kind}, address: "127.0.0.1:${proxy.port}", username: joe, password: "file:${secret(lab, "pw", "s3cret\n")}" }\n`;
    const agent = await lab.agent({ config, policy: policy(["out"]) });
    for (const scheme of ["socks5h", "http"]) {
      const got = await curl(`${scheme}://${agent.address()}`, origin.url.replace("127.0.0.1", "localhost"));
      expect(got).toMatchObject({ code: 0, stdout: "hello from the origin\n" });
    }
    await connectionLike(agent, { backend: "out", end: "served", host: "localhost" });
    const { backends } = await agent.json<Status>(["status"]);
    expect(backends).toContainEqual(expect.objectContaining({ name: "out", health: "healthy" }));
  });

  test(`${name} with another password: the person learns that the login is wrong, and no other way is taken`, async ({ lab }) => {
    const origin = await lab.http();
    const proxy = await kept(lab, start(lab));
    const config = `${listener}backends:\n  out: { kind: ${kind}, address: "127.0.0.1:${proxy.port}", username: joe, password: "file:${secret(lab, "pw", "wrong")}" }\n`;
    const agent = await lab.agent({ config, policy: policy(["out"]) });
    expect((await curl(`socks5h://${agent.address()}`, origin.url)).code).not.toBe(0);
    const ended = await connectionLike(agent, { end: "DIAL_BACKEND_AUTH" });
    expect(ended).toMatchObject({ state: "ended" });
    expect(origin.seen).toBe(0);
    expect(agent.log()).not.toContain("wrong");
  });
}

test("what a SOCKS5 server's rules forbid is passed on and not tried another way", async ({ lab }) => {
  const origin = await lab.http();
  const dante = await kept(lab, startDante(lab.dir, ["socks block { from: 0.0.0.0/0 to: 0.0.0.0/0 }"]));
  const second = await kept(lab, startMicrosocks());
  const config = `${listener}backends:\n  a: { kind: socks5, address: "127.0.0.1:${dante.port}" }\n  b: { kind: socks5, address: "127.0.0.1:${second.port}" }\n`;
  const agent = await lab.agent({ config, policy: policy(["a", "b"]) });
  // 97: curl's word for a SOCKS refusal; (2) is "not allowed by ruleset".
  const got = await run("curl", ["-sS", "-x", `socks5h://${agent.address()}`, origin.url]);
  expect(got).toMatchObject({ code: 97, stderr: expect.stringContaining("(2)") as unknown });
  await connectionLike(agent, { end: "DIAL_BACKEND_DENIED" });
  expect(origin.seen).toBe(0);
});

test("what an HTTP proxy forbids is passed on as 403 and not tried another way", async ({ lab }) => {
  const origin = await lab.http();
  const strict = await kept(lab, startTinyproxy(lab.dir, ["ConnectPort 443"]));
  const second = await kept(lab, startMicrosocks());
  const config = `${listener}backends:\n  a: { kind: http, address: "127.0.0.1:${strict.port}" }\n  b: { kind: socks5, address: "127.0.0.1:${second.port}" }\n`;
  const agent = await lab.agent({ config, policy: policy(["a", "b"]) });
  const got = await run("curl", ["-sS", "-p", "-x", `http://${agent.address()}`, "-w", "%{http_connect}", origin.url]);
  expect(got.stdout).toBe("403");
  await connectionLike(agent, { end: "DIAL_BACKEND_DENIED" });
  expect(origin.seen).toBe(0);
});

test("a way out that is down is passed over, shown as failing with its reason, and healthy again once it works", async ({ lab }) => {
  const origin = await lab.http();
  const second = await kept(lab, startMicrosocks());
  const port = await freePort();
  const config = `${listener}backends:\n  a: { kind: socks5, address: "127.0.0.1:${port}" }\n  b: { kind: socks5, address: "127.0.0.1:${second.port}" }\n`;
  const agent = await lab.agent({ config, policy: policy(["a", "b"]) });
  expect(await curl(`socks5h://${agent.address()}`, origin.url)).toMatchObject({ code: 0 });
  await connectionLike(agent, { backend: "b", end: "served" });
  const failing = (await agent.json<Status>(["status"])).backends.find(({ name }) => name === "a");
  expect(failing).toMatchObject({ health: "failing", problem: expect.stringContaining("ECONNREFUSED") as unknown });
  await second.close();
  // Now the first works, and it is tried although it rests, because the other fails.
  const socks = await kept(lab, startMicrosocks());
  agent.writeConfig(`${config.replace(String(port), String(socks.port))}policy: policy.portail\n`);
  await agent.portail(["reload"]);
  await eventually(async () => expect(await curl(`socks5h://${agent.address()}`, origin.url)).toMatchObject({ code: 0 }));
  await connectionLike(agent, { backend: "a", end: "served" });
});

test("when every way out failed, the direct way is judged by itself", async ({ lab }) => {
  const origin = await lab.http();
  const port = await freePort();
  const config = `${listener}backends:\n  a: { kind: http, address: "127.0.0.1:${port}" }\n`;
  const text = policy(["a"]).replace("when true allow", "when not request.direct allow");
  const agent = await lab.agent({ config, policy: text });
  expect((await curl(`http://${agent.address()}`, origin.url)).code).not.toBe(0);
  await connectionLike(agent, { end: "DIAL_BACKEND_DOWN" });
  expect(origin.seen).toBe(0);
  agent.writePolicy(policy(["a"]));
  await agent.portail(["reload"]);
  expect(await curl(`http://${agent.address()}`, origin.url)).toMatchObject({ code: 0 });
  const [newest] = await agent.json<ConnectionView[]>(["connections"]);
  expect(newest).toMatchObject({ backend: "direct" });
});

test("ways out can be chained", async ({ lab }) => {
  const origin = await lab.http();
  const [near, far] = [await kept(lab, startMicrosocks()), await kept(lab, startTinyproxy(lab.dir))];
  const config = `${listener}backends:\n  near: { kind: socks5, address: "127.0.0.1:${near.port}" }\n  far: { kind: http, address: "127.0.0.1:${far.port}", via: near }\n`;
  const agent = await lab.agent({ config, policy: policy(["far"]) });
  expect(await curl(`socks5h://${agent.address()}`, origin.url)).toMatchObject({ code: 0, stdout: "hello from the origin\n" });
  await near.close();
  expect((await curl(`socks5h://${agent.address()}`, origin.url)).code).toBe(0);
  await connectionLike(agent, { backend: "direct" });
});

for (const front of ["stunnel", "haproxy"] as const) {
  test(`a SOCKS5 server is reached inside mutual TLS made by ${front}, with a private authority and another name than the address`, async ({
    lab,
  }) => {
    const origin = await lab.http();
    const authority = createAuthority(lab.dir);
    const server = authority.issue("gw.test", { names: ["DNS:gw.test"] });
    const client = authority.issue("laptop", { use: "clientAuth" });
    const socks = await kept(lab, startMicrosocks());
    const pem = secret(lab, "both.pem", fs.readFileSync(server.cert, "utf8") + fs.readFileSync(server.key, "utf8"));
    const tls =
      front === "stunnel"
        ? startStunnel(lab.dir, socks.port, [
            `cert = ${server.cert}`,
            `key = ${server.key}`,
            `CAfile = ${authority.cert}`,
            "verifyChain = yes",
          ])
        : startHaproxy(lab.dir, socks.port, `crt ${pem} ca-file ${authority.cert} verify required`);
    const { port } = await kept(lab, tls);
    const backend = (more: string) =>
      `${listener}backends:\n  gw: { kind: socks5, address: "127.0.0.1:${port}", tls: { server_name: gw.test, ca: "${authority.cert}"${more} } }\n` +
      `identities:\n  laptop: { kind: file, cert: "${client.cert}", key: "${client.key}" }\n`;
    const agent = await lab.agent({ config: backend(", identity: laptop"), policy: policy(["gw"]) });
    for (let at = 0; at < 3; at++) {
      expect(await curl(`socks5h://${agent.address()}`, origin.url)).toMatchObject({ code: 0, stdout: "hello from the origin\n" });
    }
    await connectionLike(agent, { backend: "gw", end: "served" });
    agent.writeConfig(`${backend("")}policy: policy.portail\n`);
    expect((await agent.portail(["reload"])).code).toBe(0);
    await curl(`socks5h://${agent.address()}`, origin.url);
    await eventually(async () => {
      const { backends } = await agent.json<Status>(["status"]);
      expect(backends.find(({ name }) => name === "gw")?.problem).toMatch(/TLS_(CLIENT_CERT_REQUIRED|CLIENT_CERT_REFUSED)/);
    });
  });
}

test("a proxy that refuses CONNECT to port 80 is asked to forward plain requests, each judged and recorded, and keeps its tunnels", async ({
  lab,
}) => {
  const origin = await lab.http();
  const { port } = new URL(origin.url);
  const proxy = await startTinyproxy(lab.dir, ["ConnectPort 443", "BasicAuth agent s3cret"]);
  lab.after(proxy.close);
  const password = secret(lab, "password", "s3cret\n");
  const login = `, username: agent, password: "file:${password}"`;
  const configOf = (more: string) =>
    "listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\n" +
    `backends:\n  corp: { kind: http, address: "127.0.0.1:${proxy.port}"${more} }\npolicy: policy.portail\n`;
  const agent = await lab.agent({
    config: configOf(login).replace("policy: policy.portail\n", ""),
    policy:
      'portail policy 1\npolicy all { when not request.direct and (request.path ?? "") != "/secret" allow }\nroute corp { use ["corp"] }\n',
  });
  const get = (...more: readonly string[]) =>
    run("curl", ["-sS", "-m", "10", "-o", "/dev/null", "-w", "%{http_code} ", "-x", `http://${agent.address()}`, ...more]);
  expect((await get(origin.url)).stdout).toBe("403 ");
  expect(origin.seen).toBe(0);

  agent.writeConfig(configOf(`${login}, plain: forward`));
  expect((await agent.portail(["reload"])).code).toBe(0);
  const urls = ["/one", "/secret", "/two"].map((name) => new URL(name, origin.url).href);
  expect((await get("-d", "some content", ...urls.flatMap((url) => ["-o", "/dev/null", url]))).stdout).toBe("200 403 200 ");
  expect(origin.seen).toBe(2);
  await connectionLike(agent, { backend: "corp", end: "served", port: Number(port) });
  await connectionLike(agent, { end: "POLICY_DENIED" });
  // A tunnel is a tunnel still, and this proxy allows none to that port.
  expect((await run("curl", ["-sS", "-m", "10", "-p", "-x", `http://${agent.address()}`, origin.url])).code).not.toBe(0);
  expect(origin.seen).toBe(2);

  agent.writeConfig(configOf(", plain: forward"));
  expect((await agent.portail(["reload"])).code).toBe(0);
  expect((await get(origin.url)).stdout).toBe("502 ");
  await connectionLike(agent, { end: "DIAL_BACKEND_AUTH" });
  const record = (await agent.portail(["audit", "--json", "--limit", "5"])).stdout;
  expect(record).toContain(`127.0.0.1:${proxy.port}: 407 Proxy Authentication Required: the proxy wants a login, and none is configured`);
  expect(origin.seen).toBe(2);
});

test("programs that speak HTTP/2 to the listener have their plain requests forwarded too, and read what a proxy wants", async ({ lab }) => {
  const heard: string[] = [];
  const origin = await lab.http((request, response) => {
    heard.push(`${request.method} ${request.url}`);
    request.on("data", (chunk: Buffer) => response.write(chunk)).on("end", () => response.end("."));
  });
  const proxy = await kept(lab, startTinyproxy(lab.dir, ["ConnectPort 443", "BasicAuth agent s3cret"]));
  const configOf = (more: string) =>
    `${listener}backends:\n  corp: { kind: http, address: "127.0.0.1:${proxy.port}", plain: forward${more} }\n`;
  const login = `, username: agent, password: "file:${secret(lab, "password", "s3cret\n")}"`;
  const agent = await lab.agent({
    config: configOf(login),
    policy: policy(["corp"]).replace("when true allow", "when not request.direct allow"),
  });
  const front = await kept(lab, startNghttpx(`${agent.port()};;proto=h2`, {}));
  const ask = (...more: readonly string[]) => run("curl", ["-sS", "-m", "15", "-x", `http://127.0.0.1:${front.port}`, ...more]);
  const all = await Promise.all(
    ["one", "two", "three"].map((name) => ask("-d", `some content of ${name}`, new URL(`/${name}`, origin.url).href)),
  );
  expect(all.map(({ stdout }) => stdout)).toEqual(["one", "two", "three"].map((name) => `some content of ${name}.`));
  expect(heard.toSorted()).toEqual(["POST /one", "POST /three", "POST /two"]);
  await connectionLike(agent, { protocol: "h2", backend: "corp", end: "served" });

  agent.writeConfig(`${configOf("")}policy: policy.portail\n`);
  expect((await agent.portail(["reload"])).code).toBe(0);
  const refused = await ask("-w", " %{http_code}", origin.url);
  expect(refused.stdout).toMatch(/DIAL_BACKEND_AUTH[^]* 502$/);
  await connectionLike(agent, { protocol: "h2", end: "DIAL_BACKEND_AUTH" });
  expect(heard).toHaveLength(3);
});
