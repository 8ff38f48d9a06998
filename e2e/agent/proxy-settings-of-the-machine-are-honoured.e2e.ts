import fs from "node:fs";
import https from "node:https";
import type net from "node:net";
import path from "node:path";
import type { ConnectionView } from "../../agent/contract/index.ts";
import { type Agent, connectionLike, createAuthority, eventually, expect, freePort, type Lab, run, test } from "../rig/index.ts";
import { startMicrosocks, startTinyproxy } from "../rig/proxies.ts";

const policyOf = (when: string) => `portail policy 1\npolicy all { when ${when} allow }\nroute out { use ["corp"] }\n`;
const anywhere = policyOf("true");
const notDirectly = policyOf("not request.direct");
const listener = "listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\n";
const none = { http_proxy: "", https_proxy: "", all_proxy: "", no_proxy: "", HTTP_PROXY: "", HTTPS_PROXY: "", ALL_PROXY: "", NO_PROXY: "" };

/** By CONNECT: the status of the answer to it. */
const connect = async (agent: Agent, url: string) =>
  (await run("curl", ["-sS", "-m", "15", "-p", "-o", "/dev/null", "-w", "%{http_connect}", "-x", `http://${agent.address()}`, url])).stdout;

async function proxies(lab: Lab) {
  const [http, socks] = [await startTinyproxy(lab.dir, ['ViaProxyName "corp"']), await startMicrosocks()];
  lab.after(http.close);
  lab.after(socks.close);
  return { http, socks };
}

test("the proxies of the environment are used, what it excepts is judged as a direct way, and a login in it is refused unseen", async ({
  lab,
}) => {
  const origin = await lab.http();
  const { http } = await proxies(lab);
  const config = `${listener}backends: { corp: { kind: environment } }\n`;
  const env = { ...none, HTTPS_PROXY: `http://127.0.0.1:${http.port}`, NO_PROXY: "localhost" };
  const agent = await lab.agent({ config, policy: notDirectly, env });
  expect(await connect(agent, origin.url)).toBe("200");
  await connectionLike(agent, { backend: "corp", end: "served", address: `127.0.0.1:${http.port}` });
  expect(await connect(agent, origin.url.replace("127.0.0.1", "localhost"))).toBe("403");
  await connectionLike(agent, { end: "DIAL_DIRECT_WANTED" });
  agent.writePolicy(anywhere);
  await agent.portail(["reload"]);
  expect(await connect(agent, origin.url.replace("127.0.0.1", "localhost"))).toBe("200");
  await connectionLike(agent, { backend: "direct", end: "served" });

  const secretive = await lab.agent({
    config,
    policy: notDirectly,
    env: { ...none, ALL_PROXY: `http://joe:hunter2@127.0.0.1:${http.port}` },
  });
  expect(await connect(secretive, origin.url)).toBe("502");
  await connectionLike(secretive, { end: "DIAL_BACKEND_DOWN" });
  expect(secretive.log()).toContain("a proxy of the environment is not used");
  expect(secretive.log()).not.toContain("hunter2");
});

test("an environment that points at the agent itself is a loop that is found out", async ({ lab }) => {
  const origin = await lab.http();
  const port = await freePort();
  const agent = await lab.agent({
    config: `listeners: { local: { kind: proxy, listen: "127.0.0.1:${port}" } }\nbackends: { corp: { kind: environment } }\n`,
    policy: notDirectly,
    env: { ...none, https_proxy: `http://localhost:${port}`, http_proxy: `http://localhost:${port}` },
  });
  expect((await run("curl", ["-sS", "-m", "15", "-p", "-x", `http://127.0.0.1:${port}`, origin.url])).code).not.toBe(0);
  await connectionLike(agent, { end: "DIAL_LOOP" });
  expect(origin.seen).toBe(0);
});

test("a PAC file decides for each destination, its tries are made in order, and it is followed when it changes", async ({ lab }) => {
  const origin = await lab.http();
  const { http, socks } = await proxies(lab);
  const dead = await freePort();
  const pac = path.join(lab.dir, "proxy.pac");
  const write = (result: string) =>
    fs.writeFileSync(
      pac,
      `function FindProxyForURL(url, host) {\n  if (host == "localhost") return "DIRECT";\n  return ${JSON.stringify(result)};\n}\n`,
    );
  write(`PROXY 127.0.0.1:${dead}; SOCKS5 127.0.0.1:${socks.port}; DIRECT`);
  const agent = await lab.agent({ config: `${listener}backends: { corp: { kind: pac, pac: "${pac}" } }\n`, policy: notDirectly });
  expect(await connect(agent, origin.url)).toBe("200");
  await connectionLike(agent, { backend: "corp", end: "served", address: `127.0.0.1:${socks.port}` });
  expect(await connect(agent, origin.url.replace("127.0.0.1", "localhost"))).toBe("403");
  await connectionLike(agent, { end: "DIAL_DIRECT_WANTED" });
  write(`PROXY 127.0.0.1:${http.port}`);
  await eventually(async () => {
    expect(await connect(agent, origin.url)).toBe("200");
    const all = await agent.json<ConnectionView[]>(["connections"]);
    expect(all.some(({ address }) => address === `127.0.0.1:${http.port}`)).toBe(true);
  });
  fs.writeFileSync(pac, "function FindProxyForURL() { for (;;); }");
  await eventually(async () => expect(await connect(agent, origin.url)).not.toBe("200"));
  const started = Date.now();
  expect((await agent.portail(["status"])).code).toBe(0);
  expect(Date.now() - started).toBeLessThan(3000);
});

test("a PAC file is fetched by https from a server that is trusted for it, and from no other", async ({ lab }) => {
  const origin = await lab.http();
  const { socks } = await proxies(lab);
  const authority = createAuthority(lab.dir);
  const { cert, key } = authority.issue("wpad", { names: ["DNS:localhost"] });
  let fetched = 0;
  const server = https.createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key) }, (_, answer) => {
    fetched += 1;
    answer.end(`function FindProxyForURL() { return "SOCKS 127.0.0.1:${socks.port}"; }`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  lab.after(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  const url = `https://localhost:${(server.address() as net.AddressInfo).port}/proxy.pac`;
  const agent = await lab.agent({
    config: `${listener}backends: { corp: { kind: pac, pac: "${url}", ca: "${authority.cert}" } }\n`,
    policy: notDirectly,
  });
  expect(fetched).toBe(0);
  for (let at = 0; at < 3; at += 1) expect(await connect(agent, origin.url)).toBe("200");
  expect(fetched).toBe(1);
  const wary = await lab.agent({ config: `${listener}backends: { corp: { kind: pac, pac: "${url}" } }\n`, policy: notDirectly });
  expect(await connect(wary, origin.url)).not.toBe("200");
  await connectionLike(wary, { end: "DIAL_BACKEND_DOWN" });
  expect(fetched).toBe(1);
});
