/** A console for tests: small screens, an agent that echoes, time that can be skipped, and requests that say what they like. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../base/index.ts";
import type { CallAnswer, Caller, StateEvent } from "../contract/index.ts";
import { quietLog, status } from "../control/channel-rig.suite.ts";
import { createConsole } from "./index.ts";

const opener: Caller = { client: "portail-cli/1", uid: 1000, pid: 1, tier: "admin" };

export function createConsoleRig() {
  const rendererDir = mkdtempSync(join(tmpdir(), "portail-console-"));
  mkdirSync(join(rendererDir, "assets"));
  writeFileSync(join(rendererDir, "index.html"), "<!doctype html><title>Portail</title>");
  writeFileSync(join(rendererDir, "assets/index.js"), "1;");
  writeFileSync(join(rendererDir, "assets/index.js.map"), "{}");
  const called: { readonly name: string; readonly input: unknown; readonly caller: Caller }[] = [];
  const takers = new Set<(event: StateEvent) => void>();
  const clock = createSkippingClock();
  const dispatch = (name: string, input: unknown, caller: Caller): Promise<CallAnswer> => {
    called.push({ name, input, caller });
    return Promise.resolve({ output: { echoed: input } });
  };
  const feed = {
    snapshot: () => ({ seq: 7, status, connections: [], holds: [], questions: { pins: [], touches: [], hostKeys: [] } }),
    subscribe: (take: (event: StateEvent) => void) => {
      takers.add(take);
      return () => void takers.delete(take);
    },
  };
  const owner = { isOwner: () => Promise.resolve(true) };
  const pages = createConsole({ rendererDir, dispatch, feed, isOwner: () => owner.isOwner(), clock, log: quietLog, idleMs: 60_000 });
  const openLink = async () => {
    const { port, pathname } = new URL((await pages.open(opener)).url);
    return { port: Number(port), path: pathname };
  };
  /** A browser that came through a link. */
  const signIn = async () => {
    const { port, path } = await openLink();
    const answer = await ask(port, { path, headers: { "sec-fetch-site": "none" } });
    const cookie = answer?.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
    const origin = `http://127.0.0.1:${port}`;
    const page = { cookie, origin, "sec-fetch-site": "same-origin", "x-portail": "1", "content-type": "application/json" };
    return { port, cookie, page };
  };
  const end = async () => {
    await pages.close();
    rmSync(rendererDir, { recursive: true });
  };
  return { rendererDir, called, takers, clock, owner, pages, openLink, signIn, end };
}
export type ConsoleRig = ReturnType<typeof createConsoleRig>;

/** Real time that can be skipped; timers ring when their time was skipped over. */
function createSkippingClock(): Clock & { skip(ms: number): void } {
  let skipped = 0;
  const timers = new Map<() => void, number>();
  const monotonic = () => performance.now() + skipped;
  return {
    now: () => Date.now() + skipped,
    monotonic,
    after(ms, run) {
      timers.set(run, monotonic() + ms);
      return () => void timers.delete(run);
    },
    skip(ms) {
      skipped += ms;
      for (const [run, at] of timers) {
        if (at > monotonic()) continue;
        timers.delete(run);
        run();
      }
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/** What the server answers; `undefined` when it closes without a byte. */
export async function ask(port: number, { method = "GET", path = "/", headers = {}, body }: Ask = {}): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const asking = request(
      { host: "127.0.0.1", port, method, path, agent: false, headers: { host: `127.0.0.1:${port}`, ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() }),
        );
        response.on("error", () => resolve(undefined));
      },
    );
    asking.on("error", () => resolve(undefined));
    asking.end(body);
  });
}

/** All that comes back for some bytes, until the server closes. */
export async function say(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(Buffer.from(bytes, "latin1")));
    socket.on("data", (chunk) => (heard += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(heard));
  });
}

export async function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
