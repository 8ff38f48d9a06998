import tls from "node:tls";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Leash } from "../base/index.ts";
import { Wheel } from "../net/index.ts";
import { StillClock } from "../testing/index.ts";
import type { Dialler } from "./dialler.ts";
import { createDirectDialler } from "./direct.ts";
import { createHttpNegotiation } from "./http-connect.ts";
import { PersonWait } from "./person-wait.ts";
import type { Secure } from "./reach-server.ts";
import { createServerDialler } from "./server-dialler.ts";
import { SpareConnections } from "./spare-connections.ts";
import { createTlsConnector } from "./tls/connect-tls.ts";
import { Tickets } from "./tls/tickets.ts";
import { createTlsRig, pem, shown, type TlsRig } from "./tls/tls-rig.suite.ts";

let rig: TlsRig;
let cert: { cert: string; key: string };
beforeAll(() => {
  rig = createTlsRig();
  cert = shown(rig.authority.issue("gw", { names: ["DNS:gw.test"] }));
});
afterAll(() => rig.close());

/** A gateway that counts who comes in. `answers`: what it says to the next requests, a tunnel when nothing is left; `undefined` hangs up. */
interface Gateway {
  port: number;
  readonly inside: Set<tls.TLSSocket>;
  came: number;
  requests: number;
  readonly answers: (string | undefined)[];
}

async function openGateway(): Promise<Gateway> {
  const gateway: Gateway = { port: 0, inside: new Set(), came: 0, requests: 0, answers: [] };
  const server = tls.createServer(cert, (socket) => {
    gateway.came += 1;
    gateway.inside.add(socket);
    socket.on("close", () => gateway.inside.delete(socket));
    socket.on("error", () => undefined);
    socket.once("data", () => {
      gateway.requests += 1;
      const answer = gateway.answers.length === 0 ? "HTTP/1.1 200 OK\r\n\r\nhello" : gateway.answers.shift();
      if (answer === undefined) socket.destroy();
      else socket.write(answer);
    });
  });
  gateway.port = await rig.listen(server);
  return gateway;
}

let clock: StillClock;
let gateway: Gateway;
let spares: SpareConnections;
beforeEach(async () => {
  clock = new StillClock();
  clock.time = 1_000_000;
  gateway = await openGateway();
  return () => spares.clear();
});

function diallerTo({ port }: Gateway, more: Partial<Secure> = {}): Dialler {
  const wheel = new Wheel(clock);
  spares = new SpareConnections(wheel);
  const authority = pem(rig.authority.cert);
  const server = { host: "127.0.0.1", port, serverName: "gw.test", ca: [authority], pins: [], uris: [] };
  const secure = createTlsConnector(server, { clock: { now: Date.now }, tickets: new Tickets({ clock: { now: Date.now } }) });
  const resolve = () => Promise.reject(new Error("asked"));
  const reach = createDirectDialler({ clock, wheel, resolve, isOwnListener: () => false });
  const negotiate = createHttpNegotiation(undefined);
  return createServerDialler({ address: server, reach, secure: Object.assign(secure, more), negotiate, clock, wheel, spares });
}

/** The first words from behind the tunnel, or the code of the failure. */
async function visit(dialler: Dialler): Promise<string> {
  const options = { connectMs: 5000, leash: new Leash(), admit: () => true };
  const dialled = await dialler.dial({ backend: "far", host: "db.test", port: 5432 }, options);
  if (dialled.kind === "failed") return dialled.code;
  const words = await dialled.upstream.leg.take(5);
  dialled.upstream.leg.destroy();
  return words.toString();
}

/** Three in a row make a server busy; then as many spares as it deserves are open. */
async function makeBusy(dialler: Dialler): Promise<void> {
  for (let at = 0; at < 3; at += 1) expect(await visit(dialler)).toBe("hello");
  await expect.poll(() => gateway.inside.size).toBe(2);
}

test("who dials a busy server is served on a connection that was there before", async () => {
  const dialler = diallerTo(gateway);
  await makeBusy(dialler);
  const before = new Set(gateway.inside);
  const served = visit(dialler);
  await expect.poll(() => [...before].some((socket) => !gateway.inside.has(socket))).toBe(true);
  expect(await served).toBe("hello");
});

test("never more than four wait, however many dial", async () => {
  const dialler = diallerTo(gateway);
  for (let at = 0; at < 12; at += 1) expect(await visit(dialler)).toBe("hello");
  await expect.poll(() => gateway.inside.size).toBe(4);
});

test("nothing is opened ahead for a server that is asked now and then, in clear, or with somebody at hand", async () => {
  const seldom = diallerTo(gateway);
  for (let at = 0; at < 5; at += 1) {
    expect(await visit(seldom)).toBe("hello");
    clock.pass(2000);
  }
  expect(gateway.came).toBe(5);
  const withPerson = diallerTo(gateway, { person: new PersonWait() });
  for (let at = 0; at < 5; at += 1) expect(await visit(withPerson)).toBe("hello");
  expect(gateway.came).toBe(10);
});

test("a spare on which the server hangs up costs the next one nothing", async () => {
  const dialler = diallerTo(gateway);
  await makeBusy(dialler);
  gateway.answers.push(undefined);
  expect(await visit(dialler)).toBe("hello");
  expect(gateway.answers).toEqual([]);
  for (const socket of gateway.inside) socket.destroy();
  expect(await visit(dialler)).toBe("hello");
});

test("a server's own no on a spare is passed on, and not asked for again", async () => {
  const dialler = diallerTo(gateway);
  await makeBusy(dialler);
  const { requests } = gateway;
  gateway.answers.push("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n");
  expect(await visit(dialler)).toBe("DIAL_BACKEND_AUTH");
  expect(gateway.requests).toBe(requests + 1);
});

test("what nobody used is closed within seconds, and all of it at once when trust changes", async () => {
  const dialler = diallerTo(gateway);
  await makeBusy(dialler);
  clock.pass(6000);
  await expect.poll(() => gateway.inside.size).toBe(0);
  await makeBusy(dialler);
  spares.clear();
  await expect.poll(() => gateway.inside.size).toBe(0);
  expect(clock.waiting).toBeLessThanOrEqual(1);
});
