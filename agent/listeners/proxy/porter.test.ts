import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { Identified } from "./porter.ts";
import { converse, eventually, openRaw, type RawServer, serveRaw } from "../raw-client.suite.ts";
import { defaultDeadlines } from "../reception.ts";
import { type House, type HouseOptions, openHouse } from "../stand-in-conductor.suite.ts";

let house: House;
const origins: RawServer[] = [];

afterEach(async () => {
  await eventually(() => house.listener.connections === 0, "no client's connection left");
  await eventually(() => house.openUpstreams() === 0, "no server's connection left");
  await house.close();
  for (const origin of origins.splice(0)) await origin.close();
});

const open = async (options: HouseOptions = {}) => {
  house = await openHouse(options);
};
const greeter = async () => {
  const origin = await serveRaw((socket) => socket.end("hello"));
  origins.push(origin);
  return origin;
};
const socks = (port: number, host = "origin.test") =>
  Buffer.from([5, 1, 0, 5, 1, 0, 3, host.length, ...Buffer.from(host), port >> 8, port & 255]);
const reply = (answer: string) => answer.charCodeAt(3);

describe("the users gate", () => {
  const refused: Identified = { kind: "refused", code: "ACCEPT_OTHER_USER", detail: "uid 1001" };

  it("answers nothing before it knows who asks", async () => {
    let admit: (identified: Identified) => void = () => undefined;
    await open({ identify: () => new Promise((resolve) => (admit = resolve)) });
    const origin = await greeter();
    const client = await openRaw(house.port);
    client.send(socks(origin.port));
    let isAsked = false;
    void Promise.resolve().then(() => (isAsked = true));
    await eventually(() => isAsked);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.received()).toHaveLength(0);
    admit({ kind: "peer", peer: { uid: 7 } });
    await client.until((received) => received.includes("hello"));
    expect(house.requests[0]?.peer).toEqual({ uid: 7 });
    client.socket.destroy();
  });

  it("refuses in SOCKS words, and nothing is asked of the conductor", async () => {
    await open({ identify: () => refused });
    expect(reply(await converse(house.port, socks(80)))).toBe(2);
    expect(house.requests).toHaveLength(0);
    expect(house.turnedAway).toMatchObject([{ code: "ACCEPT_OTHER_USER", protocol: "socks5", listener: "local" }]);
  });

  it("refuses in HTTP words, CONNECT or not", async () => {
    await open({ identify: () => Promise.resolve(refused) });
    for (const request of ["CONNECT origin.test:80 HTTP/1.1\r\n\r\n", "GET http://origin.test/ HTTP/1.1\r\nHost: a\r\n\r\n"]) {
      expect(await converse(house.port, request)).toMatch(/^HTTP\/1\.1 403 [^]*Portail-Incident: 7F3K[^]*ACCEPT_OTHER_USER/);
    }
    expect(house.requests).toHaveLength(0);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("no such socket");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no such socket"))],
  ])("says no when the look-up %s", async (_, identify) => {
    await open({ identify });
    expect(reply(await converse(house.port, socks(80)))).toBe(2);
    expect(house.turnedAway).toMatchObject([{ code: "ACCEPT_UNKNOWN_USER" }]);
  });

  it("is not asked about connections that say nothing: browsers open some in advance", async () => {
    let asked = 0;
    await open({
      identify: () => {
        asked++;
        return { kind: "anyone" };
      },
    });
    const silent = await Promise.all(Array.from({ length: 20 }, () => openRaw(house.port)));
    await eventually(() => house.listener.connections === 20);
    for (const client of silent) client.socket.destroy();
    await eventually(() => house.listener.connections === 0);
    expect([asked, house.turnedAway.length]).toEqual([0, 0]);
  });
});

describe("the first byte", () => {
  it.each([[0x00], [0x16], [0x80], [0x20], [0x0d], [0xff]])("%i, which belongs to nothing that is served, gets no answer", async (byte) => {
    await open();
    expect(await converse(house.port, Buffer.from([byte, 1, 2, 3]))).toBe("");
    expect(house.turnedAway).toMatchObject([{ code: "HANDSHAKE_PROTOCOL" }]);
  });

  it("of a protocol that the listener was not given gets no answer", async () => {
    await open({ protocols: ["http"] });
    expect(await converse(house.port, socks(80))).toBe("");
    await house.close();
    await open({ protocols: ["socks5"] });
    expect(await converse(house.port, "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n")).toBe("");
  });

  it("of SOCKS4 is refused in SOCKS4 words", async () => {
    await open();
    expect([...Buffer.from(await converse(house.port, Buffer.from([4, 1, 0, 80, 127, 0, 0, 1, 0])), "latin1")]).toEqual([
      0, 91, 0, 0, 0, 0, 0, 0,
    ]);
  });

  it("that comes without the rest leads to 408 in HTTP, and to silence in SOCKS", async () => {
    await open({ deadlines: { ...defaultDeadlines, handshakeMs: 300 } });
    const clients = await Promise.all([openRaw(house.port), openRaw(house.port)]);
    clients[0].send("GET http://a");
    clients[1].send(Uint8Array.of(5));
    await Promise.all(clients.map(({ closed }) => closed));
    expect(clients[0].text()).toMatch(/^HTTP\/1\.1 408 /);
    expect(clients[1].text()).toBe("");
    expect(house.turnedAway.map(({ code }) => code)).toEqual(["HANDSHAKE_TIMEOUT", "HANDSHAKE_TIMEOUT"]);
    for (const { socket } of clients) socket.destroy();
  });
});

describe("a connection", () => {
  const get = (origin: RawServer) => `GET http://origin.test:${origin.port}/ HTTP/1.0\r\n\r\n`;

  it("over IPv6 is served and named like any other", async () => {
    const origin = await greeter();
    await open({ listen: { kind: "tcp", host: "::1", port: 0 } });
    const client = await openRaw(house.port, "::1");
    client.send(socks(origin.port));
    await client.until((received) => received.includes("hello"));
    client.socket.destroy();
    expect(house.requests[0]?.origin).toMatchObject({ kind: "tcp", address: "::1", localAddress: "::1", localPort: house.port });
  });

  it("over a Unix socket has the socket's path as its origin, and a descriptor to look it up by", async () => {
    const dir = await mkdtemp(join(tmpdir(), "portail-"));
    const path = join(dir, "proxy.sock");
    const origin = await greeter();
    const fds: number[] = [];
    await open({
      listen: { kind: "unix", path },
      identify: (_, fd) => {
        fds.push(fd);
        return { kind: "anyone" };
      },
    });
    const socket = connect(path);
    socket.resume().write(get(origin));
    await new Promise((resolve) => socket.on("close", resolve));
    expect(house.requests[0]).toMatchObject({ origin: { kind: "unix", path } });
    expect(house.requests[0]?.peer).toBeUndefined();
    expect(fds[0]).toBeGreaterThan(2);
    await rm(dir, { recursive: true });
  });
});

describe("SOCKS5 replies", () => {
  it("say success only when the way out is open, with the address that it was bound to, in its family", async () => {
    const origin = await greeter();
    await open();
    const client = await openRaw(house.port);
    client.send(socks(origin.port));
    await client.until((received) => received.length >= 12 + 5);
    const [, , , , , kind, ...address] = client.received().subarray(0, 12);
    expect([kind, address.slice(0, 4)]).toEqual([1, [127, 0, 0, 1]]);
    await client.closed;
    client.socket.destroy();
    expect(origin.accepted()).toBe(1);
  });

  it.each([
    ["POLICY_DENIED", 2],
    ["DIAL_NAME_NOT_FOUND", 4],
    ["DIAL_UNREACHABLE", 3],
    ["DIAL_TIMEOUT", 6],
    ["DIAL_REFUSED", 5],
    ["INTERNAL", 1],
  ] as const)("say %s as %i", async (code, expected) => {
    await open({ refuse: () => ({ code }) });
    const answer = await converse(house.port, socks(80));
    expect([answer.length, reply(answer)]).toEqual([12, expected]);
  });

  it("take BIND and UDP ASSOCIATE as commands that are not supported, and bad names as bad addresses", async () => {
    await open();
    expect(reply(await converse(house.port, Buffer.from([5, 1, 0, 5, 2, 0, 1, 0, 0, 0, 0, 0, 80])))).toBe(7);
    expect(reply(await converse(house.port, Buffer.from([5, 1, 0, 5, 3, 0, 1, 0, 0, 0, 0, 0, 80])))).toBe(7);
    expect(reply(await converse(house.port, socks(80, "a b")))).toBe(8);
    expect(reply(await converse(house.port, socks(80, "a\0b")))).toBe(8);
  });
});

describe("HTTP refusals", () => {
  const get = (fields = "") => `GET http://denied.test/ HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;

  it("are a page for people and a problem document for programs, with the same incident", async () => {
    await open({ refuse: () => ({ code: "POLICY_DENIED", say: "Only from the office" }) });
    const page = await converse(house.port, get("Connection: close\r\nAccept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\n"));
    const problem = await converse(house.port, get("Connection: close\r\nAccept: */*\r\n"));
    expect(page).toMatch(
      /^HTTP\/1\.1 403 Forbidden\r\n[^]*text\/html[^]*Content-Security-Policy: default-src 'none'[^]*Only from the office[^]*7F3K/,
    );
    expect(JSON.parse(problem.split("\r\n\r\n")[1] ?? "")).toMatchObject({
      status: 403,
      code: "POLICY_DENIED",
      incident: "7F3K",
      detail: "Only from the office",
    });
    for (const answer of [page, problem]) expect(answer).toContain("Portail-Incident: 7F3K\r\n");
  });

  it("keep the connection for the next request, unless something of the refused one is left", async () => {
    await open({ refuse: () => ({ code: "POLICY_DENIED" }) });
    const answer = await converse(house.port, get() + get() + get("Content-Length: 100\r\n"));
    expect(answer.match(/^HTTP\/1\.1 403/gm)).toHaveLength(3);
    expect(answer.match(/Connection: close/g)).toHaveLength(1);
  });

  it("lead elsewhere with 303 where HTTP is visible, and only tell about it where it is not", async () => {
    const redirect = "https://new.example/x?y";
    const verdict = { ...deny, outcome: "redirect" as const, redirect };
    await open({ refuse: () => ({ code: "POLICY_REDIRECT", verdict }) });
    expect(await converse(house.port, get("Connection: close\r\n"))).toMatch(
      /^HTTP\/1\.1 303 See Other\r\n[^]*Location: https:\/\/new\.example\/x\?y\r\n/,
    );
    const connectAnswer = await converse(house.port, "CONNECT denied.test:443 HTTP/1.1\r\n\r\n");
    expect(connectAnswer).toMatch(/^HTTP\/1\.1 403 [^]*"help": "https:\/\/new\.example\/x\?y"/);
    expect(connectAnswer).not.toContain("Location:");
  });

  it("never let a redirect break out of its header", async () => {
    const verdict = { ...deny, outcome: "redirect" as const, redirect: "https://a/\r\nSet-Cookie: x=y" };
    await open({ refuse: () => ({ code: "POLICY_REDIRECT", verdict }) });
    const answer = await converse(house.port, get("Connection: close\r\n"));
    expect(answer.split("\r\n\r\n")[0]).not.toMatch(/Set-Cookie|Location/);
  });
});

const deny = {
  rule: { kind: "built-in", name: "x" },
  policyDigest: "",
  failed: [],
  unknown: [],
  stale: [],
  assumed: [],
  log: "full",
  onChange: "keep",
  backends: [],
  examined: 0,
  rules: 0,
} as const;

describe("whatever the first bytes are", () => {
  it("nothing crashes, hangs or stays open", async () => {
    await open({ deadlines: { ...defaultDeadlines, handshakeMs: 500 } });
    const before = descriptors();
    const start = fc.constantFrom(
      "",
      "\x05\x01\x00",
      "\x05\x01\x00\x05\x01\x00",
      "\x05\x02\x00\x02",
      "\x04\x01",
      "GET http://127.0.0.1:9/ HTTP/1.1\r\n",
      "CONNECT ",
      "PRI * HTTP/2.0",
      "\x16\x03\x01",
    );
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .array(fc.constantFrom("\r\n", "Host: a", ": ", "\n", "chunked", "Content-Length: 5", "\x00", "\xff", "HTTP/1.1", " "), {
          maxLength: 15,
        })
        .map((parts) => Buffer.from(parts.join(""), "latin1")),
    );
    await fc.assert(
      fc.asyncProperty(start, noise, fc.constantFrom("end", "reset"), async (first, rest, leave) => {
        const socket = connect({ port: house.port, host: "127.0.0.1" });
        const closed = new Promise((resolve) => socket.on("close", resolve));
        socket.on("error", () => undefined).resume();
        socket.write(Buffer.concat([Buffer.from(first, "latin1"), rest]));
        if (leave === "end") socket.end();
        else socket.on("connect", () => socket.resetAndDestroy());
        await closed;
      }),
      { numRuns: 400 },
    );
    await eventually(() => house.listener.connections === 0 && descriptors() <= before, "everything closed");
    expect(await converse(house.port, Buffer.from([5, 0]))).toBe("\x05\xff");
  });
});

/** Open descriptors of this process. */
function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
