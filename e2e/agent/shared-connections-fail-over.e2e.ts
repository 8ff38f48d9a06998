import fs from "node:fs";
import path from "node:path";
import type { Status } from "../../agent/contract/index.ts";
import {
  type Agent,
  connectionLike,
  createAuthority,
  eventually,
  expect,
  freePort,
  type Lab,
  openTunnel,
  run,
  test,
} from "../rig/index.ts";
import { startCounter, startNghttpx, startTinyproxy } from "../rig/proxies.ts";

const anywhere = 'portail policy 1\npolicy all { when true allow }\nroute out { use ["one", "two"] }\n';
const neverDirect = anywhere.replace("when true", "when not request.direct");

/** Two servers of one kind, each behind a port that counts who connects and can be closed. */
interface Servers {
  /** The ports of the servers themselves; `strict` forbids every destination by a rule of its own. */
  readonly ports: { readonly one: number; readonly two: number; readonly strict: number };
  /** The backend that connects to `at`, which leads to a server. */
  readonly backend: (name: "one" | "two" | "strict", at: number) => string;
  /** What else is in the configuration. */
  readonly more: string;
}

async function http2Servers(lab: Lab): Promise<Servers> {
  const authority = createAuthority(lab.dir);
  const { key, cert } = authority.issue("gateway", { names: ["DNS:gw.test"] });
  const client = authority.issue("laptop", { use: "clientAuth" });
  const start = async (lines: readonly string[] = []): Promise<number> => {
    const behind = await startTinyproxy(lab.dir, lines);
    lab.after(behind.close);
    const gateway = await startNghttpx(behind.port, { tls: { key, cert, clientCa: authority.cert } });
    lab.after(gateway.close);
    return gateway.port;
  };
  const tls = `tls: { server_name: gw.test, ca: "${authority.cert}", identity: laptop }`;
  return {
    ports: { one: await start(), two: await start(), strict: await start(["ConnectPort 1"]) },
    backend: (_, at) => `{ kind: http2, address: "127.0.0.1:${at}", ${tls} }`,
    more: `identities:\n  laptop: { kind: file, cert: "${client.cert}", key: "${client.key}" }\n`,
  };
}

async function sshServers(lab: Lab): Promise<Servers> {
  const servers = { one: await lab.sshd(), two: await lab.sshd(), strict: await lab.sshd() };
  await servers.strict.restart({ words: ["PermitOpen 127.0.0.1:1"] });
  const { one, two, strict } = servers;
  const user = process.env["USER"] ?? "root";
  return {
    ports: { one: one.port, two: two.port, strict: strict.port },
    backend: (name, at) => {
      const hosts = path.join(lab.dir, `known-${at}`);
      fs.writeFileSync(hosts, servers[name].knownHost().replace(/:\d+/, `:${at}`));
      return `{ kind: ssh, address: "127.0.0.1:${at}", username: ${user}, known_hosts: "${hosts}", key: "${servers[name].personKey}" }`;
    },
    more: "",
  };
}

const configOf = ({ backend, more }: Servers, one: readonly ["one" | "strict", number], two: number): string =>
  "listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\n" +
  `backends:\n  one: ${backend(...one)}\n  two: ${backend("two", two)}\n${more}`;

/** The status of CONNECT, and that of the origin, which ends the connection: nghttpx does not pass our end on. */
const curl = async (agent: Agent, url: string): Promise<string> => {
  const words = ["-sS", "--max-time", "15", "-p", "-o", "/dev/null", "-w", "%{http_connect} %{http_code}", "-H", "Connection: close"];
  return (await run("curl", [...words, "-x", `http://${agent.address()}`, url])).stdout;
};

const healthOf = async (agent: Agent, name: string) =>
  (await agent.json<Status>(["status"])).backends.find((backend) => backend.name === name);

for (const [kind, startServers] of [["http2", http2Servers] as const, ["ssh", sshServers] as const]) {
  const counted = async (lab: Lab, onward: number, at?: number) => {
    const front = await startCounter(onward, at);
    lab.after(front.close);
    return front;
  };

  test(`${kind}: when the first server is down the second is used; when it is back, it is the first again`, async ({ lab }) => {
    const servers = await startServers(lab);
    const [origin, echo] = [await lab.http(), await lab.tcp()];
    const at = await freePort();
    const two = await counted(lab, servers.ports.two);
    const agent = await lab.agent({ config: configOf(servers, ["one", at], two.port), policy: neverDirect });
    expect(await curl(agent, origin.url)).toBe("200 200");
    await connectionLike(agent, { backend: "two", end: "served" });
    expect(await healthOf(agent, "one")).toMatchObject({ health: "failing", problem: expect.stringContaining("ECONNREFUSED") as unknown });
    expect(await healthOf(agent, "two")).toMatchObject({ health: "healthy" });

    const one = await counted(lab, servers.ports.one, at);
    await eventually(async () => {
      expect(await curl(agent, origin.url)).toBe("200 200");
      expect(await healthOf(agent, "one")).toMatchObject({ health: "healthy" });
    });
    expect([one.seen, two.seen]).toEqual([1, 1]);

    // It goes away with tunnels open: those break, and whoever comes next goes the second way on the connection that is there.
    const held = await openTunnel(agent.port(), { port: echo.port });
    held.write("hello");
    expect(await held.read(5)).toBe("hello");
    await one.close();
    await held.closed;
    const before = origin.seen;
    expect(await curl(agent, origin.url)).toBe("200 200");
    expect(origin.seen).toBe(before + 1);
    expect(two.seen).toBe(1);
  });

  test(`${kind}: what the server itself forbids is passed on, and asked neither of another server nor directly`, async ({ lab }) => {
    const servers = await startServers(lab);
    const origin = await lab.http();
    const strict = await counted(lab, servers.ports.strict);
    const two = await counted(lab, servers.ports.two);
    const agent = await lab.agent({ config: configOf(servers, ["strict", strict.port], two.port), policy: anywhere });
    expect(await curl(agent, origin.url)).toBe("403 000");
    expect((await openTunnel(agent.port(), { port: origin.port })).reply).toBe(2);
    await connectionLike(agent, { end: "DIAL_BACKEND_DENIED" });
    expect([strict.seen, two.seen, origin.seen]).toEqual([1, 0, 0]);
    // A server that says no is well.
    expect(await healthOf(agent, "one")).not.toMatchObject({ health: "failing" });
  });

  test(`${kind}: when all servers failed, the direct way is judged by itself`, async ({ lab }) => {
    const servers = await startServers(lab);
    const origin = await lab.http();
    const agent = await lab.agent({ config: configOf(servers, ["one", await freePort()], await freePort()), policy: neverDirect });
    expect(await curl(agent, origin.url)).toBe("502 000");
    await connectionLike(agent, { end: "DIAL_BACKEND_DOWN" });
    expect(origin.seen).toBe(0);
    agent.writePolicy(anywhere);
    expect(await agent.portail(["reload"])).toMatchObject({ code: 0 });
    expect(await curl(agent, origin.url)).toBe("200 200");
    await connectionLike(agent, { backend: "direct", end: "served" });
  });
}
