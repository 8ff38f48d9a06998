import net from "node:net";
import type { Status } from "../../agent/contract/index.ts";
import { eventually, expect, openTunnel, readProcessState, run, talk, test } from "../rig/index.ts";

const listener = "listeners:\n  local: { kind: proxy, listen: 127.0.0.1:0 }\n";

test("a reader that stalls holds little memory, and gets every byte when it reads on", async ({ lab }) => {
  const total = 256 * 2 ** 20;
  let handedOver = 0;
  const origin = await lab.tcp((socket) => {
    const chunk = Buffer.alloc(2 ** 20);
    const pump = () => {
      while (handedOver < total) {
        handedOver += chunk.length;
        if (!socket.write(chunk)) return void socket.once("drain", pump);
      }
      socket.end();
    };
    pump();
  });
  const agent = await lab.agent();
  const { socket, reply } = await openTunnel(agent.port(), { port: origin.port });
  expect(reply).toBe(0);
  socket.pause();
  socket.removeAllListeners("data");
  const before = readProcessState(agent.pid).residentBytes;
  await eventually(() => expect(handedOver).toBeGreaterThan(2 ** 20));
  const stalledAt = await standstill(() => handedOver);
  expect(stalledAt, "the origin is held back").toBeLessThan(total / 4);
  expect((readProcessState(agent.pid).residentBytes - before) / 2 ** 20, "MB held for one reader").toBeLessThan(16);

  let received = 0;
  socket.on("data", (chunk: Buffer) => (received += chunk.length));
  socket.resume();
  await new Promise((resolve) => socket.once("end", resolve));
  // What the tunnel's own reader had taken before it was paused is not counted here.
  expect(received).toBeGreaterThan(total - 4 * 2 ** 20);
  socket.end();
});

test("beyond the cap a program hears in its own protocol that there are too many", async ({ lab }) => {
  const origin = await lab.tcp();
  const agent = await lab.agent({ config: `${listener}limits: { connections: 3 }\n` });
  const held = await Promise.all([1, 2, 3].map(() => openTunnel(agent.port(), { port: origin.port })));
  expect(held.map(({ reply }) => reply)).toEqual([0, 0, 0]);
  const page = await run("curl", ["-s", "-x", `http://${agent.address()}`, `http://127.0.0.1:${origin.port}/`]);
  expect(JSON.parse(page.stdout)).toMatchObject({ code: "ACCEPT_OVERLOADED", status: 503 });
  const socks = await talk(agent.port(), Buffer.from([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, origin.port >> 8, origin.port & 255]));
  expect([...socks.subarray(0, 3)]).toEqual([5, 0, 5]);
  expect(socks[3]).not.toBe(0);
  for (const tunnel of held) tunnel.end();
  await Promise.all(held.map(({ closed }) => closed));
  const again = await eventually(async () => {
    const tunnel = await openTunnel(agent.port(), { port: origin.port });
    expect(tunnel.reply).toBe(0);
    return tunnel;
  });
  again.end();
});

test("an agent that runs out of descriptors goes on as soon as there are some again", async ({ lab }) => {
  const origin = await lab.tcp();
  const agent = await lab.agent();
  const inUse = readProcessState(agent.pid).descriptors;
  await run("prlimit", [`--pid=${agent.pid}`, `--nofile=${inUse + 20}:${inUse + 20}`]);
  const flood = Array.from({ length: 200 }, () => {
    const socket = net.connect({ host: "127.0.0.1", port: agent.port() });
    socket.on("error", () => undefined);
    return socket;
  });
  await eventually(() => expect(readProcessState(agent.pid).descriptors).toBeGreaterThanOrEqual(inUse + 15));
  for (const socket of flood) socket.destroy();
  const tunnel = await eventually(async () => {
    const opened = await openTunnel(agent.port(), { port: origin.port });
    expect(opened.reply).toBe(0);
    return opened;
  }, 20_000);
  tunnel.write("alive");
  expect(await tunnel.read(5)).toBe("alive");
  tunnel.end();
  expect((await agent.json<Status>(["status"])).state).toBe("ready");
});

/** Waits until a number stays the same for half a second, and returns it. */
async function standstill(read: () => number): Promise<number> {
  for (let last = -1; ; ) {
    const now = read();
    if (now === last) return now;
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
