import net from "node:net";
import type { Status } from "../../agent/contract/index.ts";
import { type Agent, eventually, expect, freePort, type Lab, run, test } from "../rig/index.ts";
import { startMicrosocks } from "../rig/proxies.ts";

const policy = 'portail policy 1\npolicy all { when true allow }\nroute out { use ["one", "two"] }\n';
const onlyBackends = policy.replace("when true", "when not request.direct");

const backend = async (agent: Agent, name = "one") => (await agent.json<Status>(["status"])).backends.find((one) => one.name === name);

/** A server that counts who comes, and answers as told. */
async function counting(lab: Lab, answer: (socket: net.Socket) => void, port = 0) {
  const seen = { count: 0 };
  const server = net.createServer((socket) => {
    seen.count += 1;
    socket.on("error", () => undefined);
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const close = () => new Promise<void>((resolve) => void server.close(() => resolve()));
  lab.after(async () => void (server.listening && (await close())));
  return { seen, close, port: (server.address() as net.AddressInfo).port };
}

const configOf = (one: number, two: number, check: string) =>
  "listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\n" +
  `backends:\n  one: { kind: http, address: "127.0.0.1:${one}"${check} }\n  two: { kind: socks5, address: "127.0.0.1:${two}" }\n`;

const curl = (agent: Agent, url: string) =>
  run("curl", ["-sS", "--max-time", "15", "-p", "-o", "/dev/null", "-w", "%{http_connect}", "-x", `http://${agent.address()}`, url]);

test("nobody is looked at unless that is asked for; then a broken way out and a mended one are known before anybody uses them", async ({
  lab,
}) => {
  const quiet = await counting(lab, (socket) => void socket.end());
  const dead = await freePort();
  const agent = await lab.agent({ config: configOf(dead, quiet.port, ", check: { every: 1s, timeout: 2s }"), policy });
  await eventually(async () =>
    expect(await backend(agent)).toMatchObject({ health: "failing", check: { problem: expect.any(String) as unknown } }),
  );
  const mended = await counting(lab, () => undefined, dead);
  await eventually(async () => expect(await backend(agent)).toMatchObject({ health: "healthy" }));
  const checked = await backend(agent);
  expect(checked?.check?.problem).toBeUndefined();
  expect(checked?.check?.ms).toBeLessThan(2000);
  expect((await agent.portail(["status"])).stdout).toMatch(/LOOKED AT[^]*healthy +\S+, \d+m?s/);
  expect(mended.seen.count).toBeGreaterThan(0);
  expect(quiet.seen.count).toBe(0);
  expect(await backend(agent, "two")).toMatchObject({ health: "unknown" });
});

test("with a target the whole way is tried, and what the proxy says about it is shown", async ({ lab }) => {
  const proxy = await counting(lab, (socket) => {
    socket.once("data", () => socket.end("HTTP/1.1 403 not this one\r\n\r\n"));
  });
  const agent = await lab.agent({
    config: configOf(proxy.port, 1, ', check: { every: 1m, target: "db.corp.example:5432" }'),
    policy,
  });
  await eventually(async () =>
    expect(await backend(agent)).toMatchObject({ health: "failing", problem: expect.stringContaining("403 not this one") as unknown }),
  );
  expect(proxy.seen.count).toBe(1);
});

test("a way out that does not answer is passed over for the next, nothing sent twice; its own no is passed on and not got round", async ({
  lab,
}) => {
  const origin = await lab.http();
  const socks = await startMicrosocks();
  lab.after(socks.close);
  const broken = await counting(lab, (socket) => void socket.destroy());
  const agent = await lab.agent({ config: configOf(broken.port, socks.port, ""), policy: onlyBackends });
  expect((await curl(agent, origin.url)).stdout).toBe("200");
  expect(origin.seen).toBe(1);
  const refusing = await counting(lab, (socket) => {
    socket.once("data", () => socket.end("HTTP/1.1 403 Forbidden\r\n\r\n"));
  });
  agent.writeConfig(`${configOf(refusing.port, socks.port, "")}policy: policy.portail\n`);
  expect((await agent.portail(["reload"])).code).toBe(0);
  expect((await curl(agent, origin.url)).stdout).toBe("403");
  expect(origin.seen).toBe(1);
});

test("when every way out failed the request is judged again before it goes directly", async ({ lab }) => {
  const origin = await lab.http();
  const agent = await lab.agent({ config: configOf(await freePort(), await freePort(), ""), policy: onlyBackends });
  expect((await curl(agent, origin.url)).code).not.toBe(0);
  expect(origin.seen).toBe(0);
  agent.writePolicy(policy);
  expect((await agent.portail(["reload"])).code).toBe(0);
  expect((await curl(agent, origin.url)).stdout).toBe("200");
  expect(origin.seen).toBe(1);
});

test("nobody is asked about a server's key for the sake of looking, on the way to another server neither", async ({ lab }) => {
  const server = await lab.sshd();
  const behind = await counting(lab, (socket) => void socket.end());
  const look = `check: { every: 1s, timeout: 2s, target: "127.0.0.1:${behind.port}" }`;
  const agent = await lab.agent({
    config:
      "listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\nbackends:\n" +
      `  one: { kind: ssh, address: "127.0.0.1:${server.port}", known_hosts: "${lab.dir}/none", key: "${server.personKey}", ${look} }\n` +
      `  two: { kind: http, address: "127.0.0.1:${behind.port}", via: one, ${look} }\n`,
    policy,
  });
  for (const name of ["one", "two"])
    await eventually(async () => {
      const found = await backend(agent, name);
      expect(found).toMatchObject({ health: "healthy", check: { at: expect.any(Number) as unknown } });
    });
  expect((await agent.json<{ questions: unknown[] }>(["hostkeys"])).questions).toEqual([]);
  expect(behind.seen.count).toBe(0);
});
