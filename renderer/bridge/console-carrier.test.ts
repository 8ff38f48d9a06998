import { expect, test, vi } from "vitest";
import { createManualClock } from "./fake/index.ts";
import { createConsoleCarrier } from "./console-carrier.ts";

interface Asked {
  readonly path: string;
  readonly init: RequestInit | undefined;
}

function createRig(respond: (asked: Asked, count: number) => Response | Promise<Response>) {
  const asked: Asked[] = [];
  const kept = new Map<string, string>();
  const clock = createManualClock(5_000);
  const messages: unknown[] = [];
  const carrier = createConsoleCarrier({
    clock,
    fetch: async (path, init) => {
      const one = { path: typeof path === "string" ? path : "not a path", init };
      asked.push(one);
      return respond(one, asked.length);
    },
    storage: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) },
  });
  return { asked, clock, messages, carrier, watch: () => carrier.watch((message) => messages.push(message)) };
}

/** A stream that sends these pieces; with `open` it stays open until it is aborted. */
function stream(pieces: readonly Uint8Array[]): Response {
  return new Response(
    new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(piece);
        controller.close();
      },
    }),
  );
}

const bytes = (text: string) => new TextEncoder().encode(text);

test("a call carries the header that only a page of ours can set", async () => {
  const rig = createRig(() => Response.json({ output: { fine: true } }));
  expect(await rig.carrier.ask("status.get", {})).toEqual({ output: { fine: true } });
  expect(rig.asked[0]).toMatchObject({ path: "/api/call", init: { method: "POST", redirect: "error", credentials: "same-origin" } });
  expect(new Headers(rig.asked[0]?.init?.headers).get("x-portail")).toBe("1");
  expect(rig.asked[0]?.init?.body).toBe('{"call":"status.get","input":{}}');
});

test("what is no call, or only the desktop's, never leaves the page", async () => {
  const rig = createRig(() => Response.json({}));
  expect(await rig.carrier.ask("agent.stop", {})).toMatchObject({ error: { code: "CONTROL_BAD_CALL" } });
  expect(await rig.carrier.ask("app.quit", {})).toMatchObject({ error: { code: "CONTROL_NOT_FOUND" } });
  expect(rig.asked).toEqual([]);
});

test("preferences are kept in the page and survive damage", async () => {
  const rig = createRig(() => Response.json({}));
  await rig.carrier.ask("app.settings.set", { theme: "dark" });
  expect(await rig.carrier.ask("app.settings.get", {})).toMatchObject({ output: { theme: "dark", language: "system" } });
});

test("a server that is gone is said so, in the table's words", async () => {
  const rig = createRig(() => {
    throw new TypeError("Failed to fetch");
  });
  expect(await rig.carrier.ask("status.get", {})).toMatchObject({ error: { code: "AGENT_UNREACHABLE" } });
});

test("lines of news arrive whole, wherever the stream was cut", async () => {
  const text = '{"snapshot":{"seq":1}}\n{"event":{"seq":2,"é":"ü"}}\n\n{"alive":1}\n{"event":{"seq":3}}\n{"half';
  const whole = bytes(text);
  for (const size of [1, 2, 3, 7, whole.length]) {
    const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) => whole.slice(at * size, (at + 1) * size));
    const rig = createRig(() => stream(pieces));
    const stop = rig.watch();
    await vi.waitFor(() => expect(rig.messages.at(-1)).toMatchObject({ agent: { state: "unreachable" } }));
    stop();
    expect(rig.messages.slice(0, -1)).toEqual([
      { kind: "agent", agent: { state: "running", since: 5_000 } },
      { kind: "snapshot", snapshot: { seq: 1 } },
      { kind: "event", event: { seq: 2, é: "ü" } },
      { kind: "event", event: { seq: 3 } },
    ]);
  }
});

test("a broken stream is opened again with growing pauses, and not after stopping", async () => {
  const rig = createRig(() => {
    throw new TypeError("Failed to fetch");
  });
  const stop = rig.watch();
  const pauses: number[] = [];
  for (let round = 1; round <= 8; round += 1) {
    await vi.waitFor(() => expect(rig.messages).toHaveLength(round));
    const { agent } = rig.messages[round - 1] as { agent: { retryAt: number } };
    pauses.push(agent.retryAt - rig.clock.now());
    rig.clock.advance(agent.retryAt - rig.clock.now());
  }
  expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
  await vi.waitFor(() => expect(rig.messages).toHaveLength(9));
  stop();
  rig.clock.advance(60_000);
  await Promise.resolve();
  expect(rig.asked).toHaveLength(9);
});

test("an ended session is not tried again", async () => {
  const rig = createRig(() => new Response("", { status: 401 }));
  rig.watch();
  await vi.waitFor(() => expect(rig.messages).toEqual([{ kind: "agent", agent: { state: "signed_out", since: 5_000 } }]));
  rig.clock.advance(60_000);
  await Promise.resolve();
  expect(rig.asked).toHaveLength(1);
});
