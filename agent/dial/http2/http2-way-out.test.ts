import { once } from "node:events";
import { constants, type ServerHttp2Stream } from "node:http2";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AgentError, Leash } from "../../base/index.ts";
import { formatBasic } from "../http-connect.ts";
import { createHttp2Rig, echo, type Http2Rig, legOf, relayTo, sayOnly, until } from "./http2-rig.suite.ts";

let rig: Http2Rig;
beforeEach(() => {
  rig = createHttp2Rig();
});
afterEach(() => rig.close());

test("fifty tunnels at once share one connection, and each carries its own bytes both ways to the end", async () => {
  const proxy = await rig.proxy(echo);
  const gw = rig.wayOut(proxy);
  const legs = (await Promise.all(Array.from({ length: 50 }, () => rig.dial(gw)))).map(legOf);
  await Promise.all(
    legs.map(async (leg, at) => {
      leg.write(`number ${at}.`);
      leg.end();
      expect((await leg.readUntil(".", 100))?.toString()).toBe(`number ${at}.`);
      expect(await leg.readSome()).toHaveLength(0);
      leg.destroy();
    }),
  );
  expect(proxy.sessions).toHaveLength(1);
});

test("the request names the destination and nothing else", async () => {
  const heads: object[] = [];
  const proxy = await rig.proxy((stream, head) => {
    heads.push(Object.fromEntries(Object.entries(head)));
    echo(stream, head);
  });
  const gw = rig.wayOut(proxy, { readAuthorization: () => Promise.resolve(formatBasic("alice", "wonder")) });
  legOf(await rig.dial(gw, { host: "2001:db8::1" }));
  expect(heads).toEqual([{ ":method": "CONNECT", ":authority": "[2001:db8::1]:443", "proxy-authorization": "Basic YWxpY2U6d29uZGVy" }]);
});

test.each([
  [407, { "proxy-authenticate": 'Negotiate, Digest realm="a, b", nonce="x"' }, "DIAL_BACKEND_AUTH", "Negotiate or Digest", true],
  [403, { "proxy-status": "gw; error=http_request_denied" }, "DIAL_BACKEND_DENIED", "403 Forbidden (gw; error=http_request_denied)", true],
  [502, {}, "DIAL_BACKEND_FAILED", "502 Bad Gateway", undefined],
  [504, {}, "DIAL_TIMEOUT", "504 Gateway Timeout", undefined],
])("a proxy that answers %i is believed, in its own words", async (...[status, fields, code, words, sent]) => {
  let asked = 0;
  const proxy = await rig.proxy((stream) => {
    asked += 1;
    stream.respond({ ":status": status, ...fields });
    stream.end("never mind");
  });
  const gw = rig.wayOut(proxy, { readAuthorization: () => Promise.resolve("Basic x") });
  const refused = await rig.dial(gw);
  expect(refused).toMatchObject({ kind: "failed", code, detail: expect.stringContaining(words) as string });
  expect("sent" in refused ? refused.sent : undefined).toBe(sent);
  expect(asked).toBe(1);
});

test("a secret that cannot be read fails its own tunnel, and leaves no room taken", async () => {
  const proxy = await rig.proxy(echo, { maxConcurrentStreams: 1 });
  let isReadable = false;
  const gw = rig.wayOut(proxy, {
    connections: 1,
    readAuthorization: () =>
      isReadable ? Promise.resolve("Basic x") : Promise.reject(new AgentError("DIAL_BACKEND_AUTH", "the secret cannot be read")),
  });
  expect(await rig.dial(gw)).toMatchObject({ code: "DIAL_BACKEND_AUTH", isBackendDown: true });
  isReadable = true;
  legOf(await rig.dial(gw));
});

test("a request that the server refuses untouched is made again", async () => {
  let asked = 0;
  const proxy = await rig.proxy((stream, head) => {
    asked += 1;
    if (asked === 1) stream.close(constants.NGHTTP2_REFUSED_STREAM);
    else echo(stream, head);
  });
  legOf(await rig.dial(rig.wayOut(proxy)));
  expect(asked).toBe(2);
});

test("a server that refuses everything untouched is not asked for ever", async () => {
  let asked = 0;
  const proxy = await rig.proxy((stream) => {
    asked += 1;
    stream.close(constants.NGHTTP2_REFUSED_STREAM);
  });
  expect(await rig.dial(rig.wayOut(proxy))).toMatchObject({ kind: "failed", code: "DIAL_BACKEND_FAILED" });
  expect(asked).toBe(3);
});

test("beyond what the server allows a second connection is opened, beyond all connections a tunnel waits for room", async () => {
  const proxy = await rig.proxy(echo, { maxConcurrentStreams: 2 });
  const gw = rig.wayOut(proxy, { connections: 2 });
  const legs = (await Promise.all(Array.from({ length: 4 }, () => rig.dial(gw)))).map(legOf);
  expect(proxy.sessions).toHaveLength(2);
  const fifth = rig.dial(gw);
  await new Promise((resolve) => setImmediate(resolve));
  legs[3]?.destroy();
  legOf(await fifth);
  expect(proxy.sessions).toHaveLength(2);
});

test("a tunnel that finds no room in time says that, and does not call the way out down", async () => {
  const proxy = await rig.proxy(echo, { maxConcurrentStreams: 1 });
  const gw = rig.wayOut(proxy, { connections: 1 });
  const held = legOf(await rig.dial(gw));
  const second = rig.dial(gw, { connectMs: 5000 });
  await new Promise((resolve) => setImmediate(resolve));
  rig.clock.pass(6000);
  const refused = await second;
  expect(refused).toMatchObject({ code: "DIAL_RESOURCES" });
  expect(refused).not.toHaveProperty("isBackendDown");
  held.destroy();
  legOf(await rig.dial(gw));
});

test("after GOAWAY new tunnels take a new connection while the old ones go on", async () => {
  const proxy = await rig.proxy(echo);
  const gw = rig.wayOut(proxy);
  const old = legOf(await rig.dial(gw));
  proxy.sessions[0]?.goaway();
  let fresh = legOf(await rig.dial(gw));
  while (proxy.sessions.length === 1) {
    fresh.destroy();
    fresh = legOf(await rig.dial(gw));
  }
  old.write("still here.");
  expect((await old.readUntil(".", 100))?.toString()).toBe("still here.");
  old.destroy();
  await until(() => proxy.sessions[0]?.destroyed === true);
  fresh.write("and here.");
  expect((await fresh.readUntil(".", 100))?.toString()).toBe("and here.");
});

test("a connection that breaks breaks its tunnels off, and the next to dial opens a new one", async () => {
  const proxy = await rig.proxy(echo);
  const gw = rig.wayOut(proxy);
  const leg = legOf(await rig.dial(gw));
  proxy.sessions[0]?.destroy();
  await expect(leg.readSome()).rejects.toThrow("broken off");
  legOf(await rig.dial(gw));
  expect(proxy.sessions).toHaveLength(2);
});

test("a connection that breaks while a tunnel is asked for is replaced, when it had worked before", async () => {
  let asked = 0;
  const proxy = await rig.proxy((stream, head) => {
    asked += 1;
    if (asked === 2) stream.session?.destroy();
    else echo(stream, head);
  });
  const gw = rig.wayOut(proxy);
  legOf(await rig.dial(gw));
  legOf(await rig.dial(gw));
  expect([asked, proxy.sessions.length]).toEqual([3, 2]);
});

test("a server that breaks every connection off is down", async () => {
  const proxy = await rig.proxy((stream) => stream.session?.destroy());
  expect(await rig.dial(rig.wayOut(proxy))).toMatchObject({ code: "DIAL_BACKEND_DOWN", isBackendDown: true });
});

test("a server that does not speak HTTP/2 is named as such", async () => {
  const server = await sayOnly("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  expect(await rig.dial(rig.wayOut(server))).toMatchObject({
    code: "DIAL_PROTOCOL",
    detail: expect.stringContaining("does not speak HTTP/2") as string,
    isBackendDown: true,
  });
  await server.close();
});

test("nobody there is told as the backend's failure, to all who waited", async () => {
  const server = await sayOnly("");
  await server.close();
  const gw = rig.wayOut(server);
  const told = await Promise.all([rig.dial(gw), rig.dial(gw), rig.dial(gw)]);
  for (const one of told) expect(one).toMatchObject({ code: "DIAL_BACKEND_DOWN", isBackendDown: true });
});

test("a connection without tunnels is closed after a while, and nothing waits on the wheel any more", async () => {
  const closed: Promise<unknown>[] = [];
  const proxy = await rig.proxy((stream, head) => {
    closed.push(once(stream, "close"));
    echo(stream, head);
  });
  const gw = rig.wayOut(proxy, { idleMs: 60_000 });
  for (let visit = 0; visit < 3; visit += 1) {
    legOf(await rig.dial(gw)).destroy();
    await closed[visit];
    rig.clock.pass(50_000);
  }
  expect(proxy.sessions).toHaveLength(1);
  await until(() => {
    rig.clock.pass(1000);
    return proxy.sessions[0]?.destroyed === true;
  });
  await until(() => rig.wheel.size === 0);
});

test("a server that went away without a word is noticed when a tunnel is asked for, and another connection is opened", async () => {
  const proxy = await rig.proxy(echo);
  const relay = await relayTo(proxy.port);
  const gw = rig.wayOut(relay);
  const first = legOf(await rig.dial(gw));
  rig.clock.pass(20_000);
  // Quiet is not dead: it answers.
  legOf(await rig.dial(gw));
  expect(proxy.sessions).toHaveLength(1);
  relay.freeze();
  rig.clock.pass(20_000);
  const late = rig.dial(gw, { connectMs: 60_000 });
  const broken = expect(first.readSome()).rejects.toThrow("broken off");
  rig.clock.pass(7000);
  await broken;
  rig.clock.pass(60_000);
  expect(await late).toMatchObject({ kind: "failed" });
  await relay.close();
});

test("a server that takes bytes and says nothing any more is noticed though no new tunnel is asked for", async () => {
  const proxy = await rig.proxy(echo);
  const relay = await relayTo(proxy.port);
  const gw = rig.wayOut(relay);
  const leg = legOf(await rig.dial(gw));
  leg.write("first.");
  expect((await leg.readUntil(".", 10))?.toString()).toBe("first.");
  let asked = 0;
  proxy.sessions[0]?.on("ping", () => (asked += 1));
  rig.clock.pass(31_000);
  for (let look = 0; look < 5; look += 1) rig.clock.pass(31_000);
  leg.write("hello.");
  expect((await leg.readUntil(".", 10))?.toString()).toBe("hello.");
  // At rest nobody is asked anything.
  expect(asked).toBe(0);
  rig.clock.pass(31_000);
  relay.freeze();
  leg.write("anybody?");
  const broken = expect(leg.readSome()).rejects.toThrow("broken off");
  await new Promise((resolve) => setImmediate(resolve));
  for (let look = 0; look < 4; look += 1) rig.clock.pass(31_000);
  await broken;
  await relay.close();
});

test("who gives up takes the request back", async () => {
  const asked = Promise.withResolvers<ServerHttp2Stream>();
  const proxy = await rig.proxy((stream) => asked.resolve(stream));
  const gw = rig.wayOut(proxy);
  const leash = new Leash();
  const dialled = rig.dial(gw, { leash });
  const stream = await asked.promise;
  leash.pull("CARRY_CLOSED_BY_PERSON");
  expect(await dialled).toMatchObject({ code: "CARRY_CLOSED_BY_PERSON" });
  await once(stream, "close");
  expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
});

test("a tunnel whose reader stalls does not hold up the others, and makes us hold a window of it at most", async () => {
  const chunk = Buffer.alloc(64 * 1024, 7);
  const sent: number[] = [];
  const proxy = await rig.proxy((stream) => {
    stream.respond({ ":status": 200 });
    const at = sent.push(0) - 1;
    const more = (): void => {
      while ((sent[at] ?? 0) < 8 * 1024 * 1024) {
        sent[at] = (sent[at] ?? 0) + chunk.length;
        if (!stream.write(chunk)) return void stream.once("drain", more);
      }
      stream.end();
    };
    more();
  });
  const gw = rig.wayOut(proxy);
  const stalled = (await Promise.all(Array.from({ length: 20 }, () => rig.dial(gw)))).map(legOf);
  for (const leg of stalled) await leg.peek();
  const fast = legOf(await rig.dial(gw));
  let got = 0;
  for (let part = await fast.readSome(); part.length > 0; part = await fast.readSome()) got += part.length;
  expect(got).toBe(8 * 1024 * 1024);
  for (const bytes of sent.slice(0, 20)) expect(bytes).toBeLessThan(2 * 1024 * 1024);
  for (const leg of stalled) leg.destroy();
});

test("what is retired by a reload goes on with its tunnels and closes with the last of them", async () => {
  const proxy = await rig.proxy(echo);
  const gw = rig.wayOut(proxy);
  const leg = legOf(await rig.dial(gw));
  gw.retire();
  leg.write("on.");
  expect((await leg.readUntil(".", 10))?.toString()).toBe("on.");
  // A connection that was judged before the reload may still dial.
  const late = legOf(await rig.dial(gw));
  expect(proxy.sessions).toHaveLength(2);
  late.destroy();
  leg.destroy();
  await until(() => proxy.sessions.every((session) => session.destroyed));
  await until(() => rig.wheel.size === 0);
});

test("when trust changes, new tunnels take a new connection, and what is open goes on", async () => {
  const proxy = await rig.proxy(echo);
  const gw = rig.wayOut(proxy);
  const leg = legOf(await rig.dial(gw));
  gw.renew();
  const fresh = [legOf(await rig.dial(gw)), legOf(await rig.dial(gw))];
  expect(proxy.sessions).toHaveLength(2);
  leg.write("on.");
  expect((await leg.readUntil(".", 10))?.toString()).toBe("on.");
  for (const one of [leg, ...fresh]) one.destroy();
  await until(() => proxy.sessions[0]?.destroyed === true);
  expect(proxy.sessions[1]?.destroyed).toBe(false);
});

test("an hour after it was opened a connection takes no new tunnels", async () => {
  const proxy = await rig.proxy(echo);
  const gw = rig.wayOut(proxy, { idleMs: Number.POSITIVE_INFINITY });
  legOf(await rig.dial(gw));
  rig.clock.pass(59 * 60_000);
  legOf(await rig.dial(gw));
  expect(proxy.sessions).toHaveLength(1);
  rig.clock.pass(2 * 60_000);
  legOf(await rig.dial(gw));
  expect(proxy.sessions).toHaveLength(2);
});
