import net from "node:net";
import type { Status } from "../../agent/contract/index.ts";
import { eventually, expect, openTunnel, readProcessState, test } from "../rig/index.ts";

const fuzzMs = 20_000;
const atOnce = 40;

test("twenty seconds of random first bytes leave no crash, no stuck socket and no growth", async ({ lab }) => {
  const origin = await lab.tcp();
  const agent = await lab.agent({
    config: "listeners:\n  local: { kind: proxy, listen: 127.0.0.1:0 }\nlimits: { handshake: 500ms }\n",
    // Spoilt bytes may name any place of the world; none of them is to be called from a test.
    policy: `portail policy 1\npolicy origin { when request.host == "127.0.0.1" and request.port == ${origin.port} allow log none }\n`,
  });
  const seed = Number(process.env["PORTAIL_FUZZ_SEED"] ?? Date.now() % 1_000_000_007);
  test.info().annotations.push({ type: "seed", description: String(seed) });
  const random = randomFrom(seed);
  const beginnings = validBeginnings(origin.port);
  const until = performance.now() + fuzzMs;
  let tries = 0;
  let warm = 0;
  const attack = async () => {
    while (performance.now() < until) {
      tries += 1;
      await throwAt(agent.port(), spoil(beginnings, random), random);
      if (warm === 0 && performance.now() > until - fuzzMs * 0.6) warm = readProcessState(agent.pid).residentBytes;
    }
  };
  const before = readProcessState(agent.pid);
  await Promise.all(Array.from({ length: atOnce }, attack));
  expect(tries, `tries with seed ${seed}`).toBeGreaterThan(500);

  await eventually(async () => expect((await agent.json<Status>(["status"])).connections.live).toBe(0));
  await eventually(() => expect(readProcessState(agent.pid).sockets, `with seed ${seed}`).toBeLessThanOrEqual(before.sockets + 2));
  const after = readProcessState(agent.pid);
  expect((after.residentBytes - warm) / 2 ** 20, `MB grown since warm, with seed ${seed}`).toBeLessThan(60);
  expect(agent.log(), `with seed ${seed}`).not.toMatch(/INTERNAL|TypeError|RangeError|"level":"error"/);
  const tunnel = await openTunnel(agent.port(), { port: origin.port });
  expect(tunnel.reply).toBe(0);
  tunnel.end();
  await tunnel.closed;
});

type Random = () => number;

/** Mulberry32: a seed in an error message is enough to see the same bytes again. */
function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const below = (random: Random, limit: number) => Math.floor(random() * limit);

/** What programs say when all is well: the best start for what goes wrong. */
function validBeginnings(port: number): readonly Buffer[] {
  const toOrigin = [5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 255];
  return [
    Buffer.from([5, 1, 0, ...toOrigin]),
    Buffer.from([5, 2, 0, 2, ...toOrigin]),
    Buffer.from([5, 1, 2, 1, 1, 97, 1, 98, ...toOrigin]),
    Buffer.concat([Buffer.from([5, 1, 0, 5, 1, 0, 3, 11]), Buffer.from("example.org"), Buffer.from([0, 80])]),
    Buffer.from([4, 1, 0, 80, 127, 0, 0, 1, 0]),
    Buffer.from(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`),
    Buffer.from(`GET http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n`),
    Buffer.from(`POST http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`),
    Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]),
    Buffer.alloc(0),
  ];
}

/** Cut, double, change or replace some of it. */
function spoil(beginnings: readonly Buffer[], random: Random): Buffer {
  const chosen = Buffer.from(beginnings[below(random, beginnings.length)] ?? []);
  for (let changes = below(random, 4); changes > 0 && chosen.length > 0; changes -= 1)
    chosen[below(random, chosen.length)] = below(random, 256);
  const kept = random() < 0.3 ? chosen.subarray(0, below(random, chosen.length + 1)) : chosen;
  const noise =
    random() < 0.3
      ? Buffer.from(Array.from({ length: below(random, random() < 0.1 ? 70_000 : 64) }, () => below(random, 256)))
      : Buffer.alloc(0);
  return Buffer.concat(random() < 0.2 ? [kept, noise, kept] : [kept, noise]);
}

/** Say it in one or several pieces, and then wait, go, half-close or break off. */
function throwAt(port: number, bytes: Buffer, random: Random): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    const patience = setTimeout(() => socket.destroy(), 3000);
    socket.on("error", () => undefined);
    socket.resume();
    socket.on("end", () => socket.end());
    socket.once("close", () => {
      clearTimeout(patience);
      resolve();
    });
    const cut = random() < 0.5 ? bytes.length : below(random, bytes.length + 1);
    const ending = random();
    socket.write(bytes.subarray(0, cut));
    setImmediate(() => {
      if (cut < bytes.length) socket.write(bytes.subarray(cut));
      if (ending < 0.4) socket.end();
      else if (ending < 0.6) socket.resetAndDestroy();
      else if (ending < 0.7) socket.destroy();
    });
  });
}
