import type { Status } from "../../agent/contract/index.ts";
import { eventually, expect, openTunnel, readProcessState, test, type Tunnel } from "../rig/index.ts";

const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1000));

test("an idle agent wakes up no more than about once a second, all its threads together", async ({ lab }) => {
  const agent = await lab.agent();
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
