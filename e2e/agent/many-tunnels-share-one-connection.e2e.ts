import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import type { Status } from "../../agent/contract/index.ts";
import { type Agent, connectionLike, createAuthority, eventually, expect, type Lab, openTunnel, run, test } from "../rig/index.ts";
import {
  type ForeignProxy,
  type NghttpxOptions,
  startCounter,
  startHaproxy,
  startMicrosocks,
  startNghttpx,
  startTinyproxy,
} from "../rig/proxies.ts";

const listener = "listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\n";
const through = (backend: string) => `portail policy 1\npolicy all { when not request.direct allow }\nroute out { use ["${backend}"] }\n`;
const curl = (agent: Agent, scheme: string, url: string, ...more: readonly string[]) =>
  run("curl", ["-sS", "--max-time", "15", "-p", "-x", `${scheme}://${agent.address()}`, ...more, url]);

async function kept<T extends { close(): Promise<void> }>(lab: Lab, started: Promise<T>): Promise<T> {
  const proxy = await started;
  lab.after(() => proxy.close());
  return proxy;
}

interface Gateway {
  /** Where agents connect; who came is counted. */
  readonly front: ForeignProxy & { readonly seen: number };
  readonly port: number;
  readonly options: NghttpxOptions;
  readonly nghttpx: ForeignProxy;
  readonly behind: number;
  /** For a backend: `tls` and `identities`. */
  readonly tls: string;
  readonly identities: string;
}

/** nghttpx with mutual TLS, in front of tinyproxy. */
async function gateway(lab: Lab, lines: readonly string[] = []): Promise<Gateway> {
  const authority = createAuthority(lab.dir);
  const server = authority.issue("gateway", { names: ["DNS:gw.test"] });
  const client = authority.issue("laptop", { use: "clientAuth" });
  const behind = await kept(lab, startTinyproxy(lab.dir, ["MaxClients 500"]));
  const options = { tls: { key: server.key, cert: server.cert, clientCa: authority.cert }, lines };
  const nghttpx = await startNghttpx(behind.port, options);
  const front = await kept(lab, startCounter(nghttpx.port));
  return {
    front,
    port: nghttpx.port,
    options,
    nghttpx,
    behind: behind.port,
    tls: `tls: { server_name: gw.test, ca: "${authority.cert}", identity: laptop }`,
    identities: `identities:\n  laptop: { kind: file, cert: "${client.cert}", key: "${client.key}" }\n`,
  };
}

const agentThrough = (lab: Lab, { front, tls, identities }: Gateway, more = "") =>
  lab.agent({
    config: `${listener}backends:\n  gw: { kind: http2, address: "127.0.0.1:${front.port}", ${tls}${more} }\n${identities}`,
    policy: through("gw"),
  });

test("an origin is reached through a foreign gateway with mutual TLS, by SOCKS5 and by CONNECT, on one connection", async ({ lab }) => {
  const origin = await lab.http();
  const gw = await gateway(lab);
  lab.after(gw.nghttpx.close);
  const agent = await agentThrough(lab, gw);
  for (const scheme of ["socks5h", "http", "socks5h", "http"]) {
    const got = await curl(agent, scheme, origin.url.replace("127.0.0.1", "localhost"));
    expect(got).toMatchObject({ code: 0, stdout: "hello from the origin\n" });
  }
  expect(gw.front.seen).toBe(1);
  await connectionLike(agent, { backend: "gw", end: "served", host: "localhost" });
  const { backends } = await agent.json<Status>(["status"]);
  expect(backends).toContainEqual(expect.objectContaining({ name: "gw", health: "healthy" }));
});

test("fifty tunnels at once take one handshake, and each carries a megabyte both ways", async ({ lab }) => {
  const echo = await lab.tcp(echoing(1_000_000));
  const gw = await gateway(lab);
  lab.after(gw.nghttpx.close);
  const agent = await agentThrough(lab, gw);
  const way = wayTo(agent);
  await Promise.all(
    Array.from({ length: 50 }, async () => {
      const tunnel = await openTunnel(way, { port: echo.port });
      expect(tunnel.reply).toBe(0);
      await exchange(tunnel.socket, 1_000_000);
    }),
  );
  expect(gw.front.seen).toBe(1);
  await eventually(async () => {
    const { up, down } = await connectionLike(agent, { backend: "gw", end: "served" });
    expect([up, down]).toEqual([1_000_000, 1_000_000]);
  });
});

test("beyond what the gateway allows on a connection, the next one is opened", async ({ lab }) => {
  const echo = await lab.tcp();
  const gw = await gateway(lab, ["--frontend-http2-max-concurrent-streams=10"]);
  lab.after(gw.nghttpx.close);
  const agent = await agentThrough(lab, gw, ", connections: 3");
  const tunnels = await Promise.all(Array.from({ length: 25 }, () => openTunnel(wayTo(agent), { port: echo.port })));
  expect(tunnels.map(({ reply }) => reply)).toEqual(tunnels.map(() => 0));
  expect(gw.front.seen).toBe(3);
  for (const tunnel of tunnels) tunnel.socket.destroy();
});

test("a tunnel whose reader stalls leaves the others as fast as they are", async ({ lab }) => {
  const flood = await lab.tcp((socket) => {
    const more = (): void => {
      while (socket.write(Buffer.alloc(65_536)));
    };
    socket.on("drain", more);
    more();
  });
  const echo = await lab.tcp(echoing(20_000_000));
  const gw = await gateway(lab);
  lab.after(gw.nghttpx.close);
  const agent = await agentThrough(lab, gw);
  const stalled = await Promise.all(Array.from({ length: 5 }, () => openTunnel(wayTo(agent), { port: flood.port })));
  for (const { socket } of stalled) socket.pause();
  const fast = await openTunnel(wayTo(agent), { port: echo.port });
  await exchange(fast.socket, 20_000_000);
  expect(gw.front.seen).toBe(1);
  for (const { socket } of stalled) socket.destroy();
});

test("a gateway that is restarted under load breaks its tunnels off, and the next ones open again", async ({ lab }) => {
  const echo = await lab.tcp();
  const short = await lab.tcp(echoing(100_000));
  const gw = await gateway(lab);
  const agent = await agentThrough(lab, gw);
  const held = await Promise.all(Array.from({ length: 20 }, () => openTunnel(wayTo(agent), { port: echo.port })));
  for (const { socket } of held) {
    socket.on("error", () => undefined);
    const more = (): void => void socket.write(randomBytes(10_000), () => setImmediate(more));
    more();
    socket.resume();
  }
  await gw.nghttpx.close();
  await Promise.all(held.map(({ closed }) => closed));
  const again = await startNghttpx(gw.behind, { ...gw.options, port: gw.port });
  lab.after(again.close);
  await eventually(async () => {
    const tunnel = await openTunnel(wayTo(agent), { port: short.port });
    expect(tunnel.reply).toBe(0);
    await exchange(tunnel.socket, 100_000);
  });
  await connectionLike(agent, { backend: "gw", end: "CARRY_SERVER_RESET" });
});

test("a server that does not speak HTTP/2 is named as the cause", async ({ lab }) => {
  const origin = await lab.http();
  const authority = createAuthority(lab.dir);
  const { cert, key } = authority.issue("gateway", { names: ["DNS:gw.test"] });
  const bundle = `${lab.dir}/gateway-bundle.pem`;
  await run("sh", ["-c", `cat "${cert}" "${key}" > "${bundle}"`]);
  const haproxy = await kept(lab, startHaproxy(lab.dir, (await lab.tcp()).port, `crt ${bundle} alpn http/1.1`));
  const plain = await kept(lab, startTinyproxy(lab.dir));
  const ways = [
    { backend: `address: "127.0.0.1:${haproxy.port}", tls: { server_name: gw.test, ca: "${authority.cert}" }`, end: "TLS_ALPN" },
    { backend: `address: "127.0.0.1:${plain.port}"`, end: "DIAL_PROTOCOL" },
  ] as const;
  for (const { backend, end } of ways) {
    const agent = await lab.agent({ config: `${listener}backends:\n  gw: { kind: http2, ${backend} }\n`, policy: through("gw") });
    expect((await curl(agent, "socks5h", origin.url)).code).not.toBe(0);
    await connectionLike(agent, { end });
  }
  expect(origin.seen).toBe(0);
});

test("what the proxy behind the gateway forbids is passed on, in its own words", async ({ lab }) => {
  const origin = await lab.http();
  const strict = await kept(lab, startTinyproxy(lab.dir, ["ConnectPort 443"]));
  const nghttpx = await kept(lab, startNghttpx(strict.port, {}));
  const agent = await lab.agent({
    config: `${listener}backends:\n  gw: { kind: http2, address: "127.0.0.1:${nghttpx.port}" }\n`,
    policy: through("gw"),
  });
  const got = await curl(agent, "http", origin.url, "-w", "%{http_connect}");
  expect(got.stdout).toBe("403");
  await connectionLike(agent, { end: "DIAL_BACKEND_DENIED" });
});

test("ways out can be chained through shared connections in every order", async ({ lab }) => {
  const origin = await lab.http();
  const echo = await lab.tcp(echoing(3_000_000));
  const gw = await gateway(lab);
  lab.after(gw.nghttpx.close);
  const socks = await kept(lab, startMicrosocks());
  const { cert, key } = createAuthority(`${lab.dir}`).issueSelfSigned("inner", ["DNS:inner.test"]);
  const bundle = `${lab.dir}/inner-bundle.pem`;
  await run("sh", ["-c", `cat "${cert}" "${key}" > "${bundle}"`]);
  const inner = await kept(lab, startHaproxy(lab.dir, (await kept(lab, startTinyproxy(lab.dir))).port, `crt ${bundle}`));
  const innerTls = `tls: { server_name: inner.test, ca: "${cert}" }`;
  const second = await kept(lab, startNghttpx(gw.behind, {}));
  const chains = {
    "http2 through socks5": `  socks: { kind: socks5, address: "127.0.0.1:${socks.port}" }\n  out: { kind: http2, address: "127.0.0.1:${gw.front.port}", ${gw.tls}, via: socks }\n`,
    "socks5 through http2": `  gw: { kind: http2, address: "127.0.0.1:${gw.front.port}", ${gw.tls} }\n  out: { kind: socks5, address: "127.0.0.1:${socks.port}", via: gw }\n`,
    "an HTTP proxy in TLS through http2": `  gw: { kind: http2, address: "127.0.0.1:${gw.front.port}", ${gw.tls} }\n  out: { kind: http, address: "127.0.0.1:${inner.port}", ${innerTls}, via: gw }\n`,
    "http2 through http2": `  gw: { kind: http2, address: "127.0.0.1:${gw.front.port}", ${gw.tls} }\n  out: { kind: http2, address: "127.0.0.1:${second.port}", via: gw }\n`,
    "http2 in TLS through http2 in TLS": `  gw: { kind: http2, address: "127.0.0.1:${gw.front.port}", ${gw.tls} }\n  out: { kind: http2, address: "127.0.0.1:${gw.port}", ${gw.tls}, via: gw }\n`,
  };
  for (const [name, backends] of Object.entries(chains)) {
    const agent = await lab.agent({ config: `${listener}backends:\n${backends}${gw.identities}`, policy: through("out") });
    const got = await curl(agent, "socks5h", origin.url);
    expect(got, name).toMatchObject({ code: 0, stdout: "hello from the origin\n" });
    const tunnel = await openTunnel(wayTo(agent), { port: echo.port });
    await exchange(tunnel.socket, 3_000_000);
    await connectionLike(agent, { backend: "out", end: "served" });
  }
});

test("a reload that leaves the ways out as they are keeps the connection, and one that changes them opens another", async ({ lab }) => {
  const origin = await lab.http();
  const echo = await lab.tcp(echoing(100_000));
  const gw = await gateway(lab);
  lab.after(gw.nghttpx.close);
  const config = `${listener}backends:\n  gw: { kind: http2, address: "127.0.0.1:${gw.front.port}", ${gw.tls} }\n${gw.identities}`;
  const agent = await lab.agent({ config, policy: through("gw") });
  const held = await openTunnel(wayTo(agent), { port: echo.port });
  agent.writeConfig(`${config}policy: policy.portail\nlimits: { connections: 77 }\n`);
  expect((await agent.portail(["reload"])).code).toBe(0);
  expect((await curl(agent, "http", origin.url)).code).toBe(0);
  expect(gw.front.seen).toBe(1);
  agent.writeConfig(`${config.replace("identity: laptop }", "identity: laptop }, connections: 2")}policy: policy.portail\n`);
  expect((await agent.portail(["reload"])).code).toBe(0);
  expect((await curl(agent, "http", origin.url)).code).toBe(0);
  expect(gw.front.seen).toBe(2);
  // What was open goes on where it is.
  await exchange(held.socket, 100_000);
});

const wayTo = (agent: Agent): number => agent.port();

/** Sends back what comes, and ends after so many bytes. */
const echoing = (size: number) => (socket: Socket) => {
  let length = 0;
  socket.on("data", (part: Buffer) => {
    length += part.length;
    socket.write(part);
    if (length >= size) socket.end();
  });
};

/**
 * Send so many bytes and get the same back to the last. The origin ends first: neither nghttpx nor the proxy behind it would pass an
 * answer on after our end.
 */
async function exchange(socket: Socket, size: number): Promise<void> {
  const bytes = randomBytes(size);
  const got: Buffer[] = [];
  socket.removeAllListeners("data");
  const ended = new Promise<void>((resolve, reject) => {
    socket.on("data", (part: Buffer) => got.push(part));
    socket.once("end", resolve);
    socket.once("error", reject);
  });
  socket.write(bytes);
  await ended;
  expect(Buffer.compare(Buffer.concat(got), bytes)).toBe(0);
}
