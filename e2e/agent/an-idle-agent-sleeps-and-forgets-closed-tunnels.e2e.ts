import type { Status } from "../../agent/contract/index.ts";
import { createAuthority, eventually, expect, makeToken, openTunnel, readProcessState, test, type Tunnel } from "../rig/index.ts";

const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1000));

test("an idle agent wakes up no more than about once a second, all its threads together", async ({ lab }) => {
  const agent = await lab.agent();
  await seconds(4);
  const before = readProcessState(agent.pid).sleeps;
  await seconds(6);
  expect(readProcessState(agent.pid).sleeps - before).toBeLessThanOrEqual(8);
});

test("watched trust, and servers and tokens that nobody uses, wake it up no more often", async ({ lab }) => {
  const authority = createAuthority(lab.dir);
  const token = makeToken(lab.dir, "161803-golden");
  const { cert, key } = authority.issue("laptop", { use: "clientAuth" });
  const tls = (identity: string) => `tls: { server_name: gw.test, ca: "${authority.cert}", identity: ${identity} }`;
  const agent = await lab.agent({
    config:
      "listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\n" +
      `backends:\n  h2: { kind: http2, address: "127.0.0.1:9", ${tls("laptop")} }\n  jump: { kind: ssh, address: "127.0.0.1:9", username: lab }\n` +
      `  safe: { kind: socks5, address: "127.0.0.1:9", ${tls("card")} }\n` +
      `identities:\n  laptop: { kind: file, cert: "${cert}", key: "${key}" }\n` +
      `  card: { kind: pkcs11, module: ${token.modulePath}, uri: "pkcs11:token=${token.label}" }\n`,
    policy: 'portail policy 1\npolicy all { when true allow }\nroute out { use ["h2", "jump", "safe"] }\n',
  });
  await seconds(4);
  const before = readProcessState(agent.pid).sleeps;
  await seconds(6);
  expect(readProcessState(agent.pid).sleeps - before).toBeLessThanOrEqual(8);
});

test("a thousand idle tunnels open, stay and close, and nothing of them is left", async ({ lab }) => {
  const origin = await lab.tcp();
  const agent = await lab.agent();
  const before = readProcessState(agent.pid);
  const tunnels: Tunnel[] = [];
  for (let hundred = 0; hundred < 10; hundred += 1) {
    tunnels.push(...(await Promise.all(Array.from({ length: 100 }, () => openTunnel(agent.port(), { port: origin.port })))));
  }
  expect(tunnels.filter(({ reply }) => reply !== 0)).toEqual([]);
  const living = async () => (await agent.json<Status>(["status"])).connections.live;
  expect(await living()).toBe(1000);
  const full = readProcessState(agent.pid);
  expect(full.sockets - before.sockets).toBeGreaterThanOrEqual(2000);
  for (const [at, tunnel] of tunnels.entries()) {
    if (at % 2 === 0) tunnel.end();
    else tunnel.socket.resetAndDestroy();
  }
  await Promise.all(tunnels.map(({ closed }) => closed));
  await eventually(async () => expect(await living()).toBe(0));
  await eventually(() => expect(readProcessState(agent.pid).sockets).toBeLessThanOrEqual(before.sockets + 2));
  expect(await agent.json(["audit", "verify"])).toMatchObject({ ok: true });
});
