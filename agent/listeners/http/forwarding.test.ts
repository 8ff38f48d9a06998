import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Leash } from "../../base/index.ts";
import { createCheckLogin } from "../login.ts";
import { converse, eventually, openRaw, type RawClient, type RawServer, serveAnswers, serveRaw } from "../raw-client.suite.ts";
import { defaultDeadlines } from "../reception.ts";
import { type House, type HouseOptions, openHouse } from "../stand-in-conductor.suite.ts";

let house: House;
const origins: RawServer[] = [];
const clients: RawClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy();
  await eventually(() => house.listener.connections === 0, "no client's connection left");
  await eventually(() => house.openUpstreams() === 0, "no server's connection left");
  await house.close();
  for (const origin of origins.splice(0)) await origin.close();
});

const open = async (options: HouseOptions = {}) => {
  house = await openHouse(options);
};
const answering = async (answer: Parameters<typeof serveAnswers>[0]) => {
  const origin = await serveAnswers(answer);
  origins.push(origin);
  return origin;
};
const serving = async (onSocket: (socket: Socket) => void) => {
  const origin = await serveRaw(onSocket);
  origins.push(origin);
  return origin;
};
const join = async () => {
  const client = await openRaw(house.port);
  clients.push(client);
  return client;
};
const get = (origin: RawServer, path = "/", fields = "", host = "origin.test") =>
  `GET http://${host}:${origin.port}${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

describe("keep-alive", () => {
  it("uses one connection to the server for all requests of one client connection, each a request of its own", async () => {
    const origin = await answering(OK);
    await open();
    const client = await join();
    for (const path of ["/1", "/2", "/3"]) {
      const before = client.received().length;
      client.send(get(origin, path));
      await client.until((received) => received.length > before && received.subarray(-2).toString() === "ok");
    }
    expect(house.dialled()).toBe(1);
    expect(house.requests.map(({ path }) => path)).toEqual(["/1", "/2", "/3"]);
    expect(new Set(house.requests.map(({ id }) => id))).toHaveLength(3);
  });

  it("never sends a request for one server down the connection to another", async () => {
    const [first, second] = [await answering(OK), await answering(OK)];
    await open();
    const client = await join();
    client.send(get(first) + get(second) + get(second, "/", "", "other.test") + get(first, "/", "Connection: close\r\n"));
    await client.closed;
    expect(house.dialled()).toBe(4);
    expect(second.seen()).toMatch(/Host: origin\.test[^]*Host: other\.test/);
  });

  it("dials again when the server closed in between", async () => {
    const origin = await answering((_, socket) => socket.end(OK));
    await open();
    const client = await join();
    client.send(get(origin));
    await client.until((received) => received.includes("ok"));
    await eventually(() => house.openUpstreams() === 0);
    client.send(get(origin, "/", "Connection: close\r\n"));
    await client.closed;
    expect(client.text().match(/200 OK/g)).toHaveLength(2);
    expect(house.dialled()).toBe(2);
  });

  it("does not use a connection on which the server spoke unasked", async () => {
    const origin = await answering((_, socket) => {
      socket.write(OK);
      setTimeout(() => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"), 10);
    });
    await open();
    const client = await join();
    client.send(get(origin));
    await eventually(() => house.ends.length === 1 && house.openUpstreams() === 0);
    client.send(get(origin));
    await eventually(() => house.ends.length === 2);
    expect(client.text()).not.toContain("poison");
  });

  it("closes the server's connection with the client's, and waits for the next request no longer than it says", async () => {
    const origin = await answering(OK);
    await open({ deadlines: { ...defaultDeadlines, keepAliveMs: 300 } });
    const client = await join();
    client.send(get(origin));
    await client.closed;
    await eventually(() => origin.sockets.size === 0);
    expect(client.text()).toMatch(/ok$/);
  });

  it("closes silently when a kept connection breaks under a request, so that the program may repeat it", async () => {
    let requests = 0;
    const origin = await answering((_, socket) => (++requests === 1 ? socket.write(OK) : socket.resetAndDestroy()));
    await open();
    const client = await join();
    client.send(get(origin));
    await client.until((received) => received.includes("ok"));
    client.send(get(origin));
    await client.closed;
    expect(client.text().match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it("ends with the answer under way when the agent stops, and at once where nothing is under way", async () => {
    let release: () => void = () => undefined;
    const origin = await answering((head, socket) => {
      if (head.includes("/slow")) release = () => void socket.write(OK);
      else socket.write(OK);
    });
    await open();
    const [busy, idle] = [await join(), await join()];
    idle.send(get(origin));
    await idle.until((received) => received.includes("ok"));
    busy.send(get(origin, "/slow"));
    await eventually(() => origin.seen().includes("/slow"));
    house.listener.drain();
    await idle.closed;
    release();
    await busy.closed;
    expect(busy.text()).toMatch(/Connection: close[^]*ok$/);
  });
});

describe("an answer", () => {
  const answer = async (raw: string, request?: (origin: RawServer) => string) => {
    const origin = await answering((_, socket) => socket.end(raw, "latin1"));
    await open();
    return converse(house.port, request?.(origin) ?? get(origin, "/", "Connection: close\r\n"));
  };

  it("without a length comes in chunks, so that its end can be told from a break", async () => {
    expect(await answer("HTTP/1.1 200 OK\r\nX: y\r\n\r\nall of it")).toMatch(
      /^HTTP\/1\.1 200 OK\r\nX: y\r\nVia: 1\.1 portail\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nall of it\r\n0\r\n\r\n$/,
    );
  });

  it("in chunks goes bare to a program that speaks HTTP/1.0", async () => {
    const text = await answer(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
      (origin) => `GET http://origin.test:${origin.port}/ HTTP/1.0\r\n\r\n`,
    );
    expect(text).toMatch(/\r\n\r\nabc$/);
    expect(text).not.toContain("Transfer-Encoding");
  });

  it("keeps trailers, and loses what was meant for us", async () => {
    const text = await answer(
      "HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nProxy-Authenticate: Basic\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-T: 1\r\nSet-Cookie: a=b\r\n\r\n",
    );
    expect(text).toBe(
      "HTTP/1.1 200 OK\r\nVia: 1.1 portail\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-T: 1\r\n\r\n",
    );
  });

  it.each([204, 304])("with status %i has no body, whatever it says", async (status) => {
    const text = await answer(`HTTP/1.1 ${status} X\r\nContent-Length: 5\r\n\r\nhello`);
    expect(text).not.toContain("hello");
    expect(text.includes("Content-Length: 5")).toBe(status === 304);
  });

  it("to HEAD keeps its length and has no body", async () => {
    const head = (origin: RawServer) => `HEAD http://origin.test:${origin.port}/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
    expect(await answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", head)).toMatch(/Content-Length: 5\r\n\r\n$/);
  });

  it.each([
    ["a length", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"],
    ["chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nhalf"],
    ["bad chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalfXX\r\n0\r\n\r\n"],
  ])("cut short does not look complete: with %s", async (_, raw) => {
    const text = await answer(raw);
    expect(text).not.toMatch(/0\r\n\r\n$/);
    expect(text.endsWith("half") || text.endsWith("half\r\n") || text.endsWith("\r\n\r\n")).toBe(true);
    expect(house.carried[0]).toMatchObject({ why: "server_reset" });
  });

  it.each([
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok"],
    ["both framings", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok"],
    ["bare LF", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok"],
    ["noise", "SSH-2.0-OpenSSH\r\n\r\n"],
    ["an endless head", `HTTP/1.1 200 OK\r\nX: ${"a".repeat(70_000)}`],
    ["a protocol nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"],
    ["nothing", ""],
  ])("that cannot be understood becomes 502: %s", async (_, raw) => {
    expect(await answer(raw)).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n[^]*"code": "(DIAL_PROTOCOL|CARRY_SERVER_RESET)"/);
  });

  it("may be preceded by interim ones, which go on too", async () => {
    const text = await answer(
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    );
    expect(text.match(/^HTTP\/1\.1 (\d+)/gm)).toEqual(["HTTP/1.1 103", "HTTP/1.1 100", "HTTP/1.1 200"]);
    expect(text).toContain("Link: </a>\r\n");
  });
});

describe("a request body", () => {
  it("waits for 100 (Continue) when the program asks for it", async () => {
    const origin = await answering((_, socket) => {
      socket.write("HTTP/1.1 100 Continue\r\n\r\n");
      socket.once("data", () => socket.write(OK));
    });
    await open();
    const client = await join();
    client.send(`POST http://origin.test:${origin.port}/ HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n`);
    await client.until((received) => received.includes("100 Continue\r\n"));
    expect(origin.seen()).toContain("Expect: 100-continue\r\n");
    client.send("hi");
    await client.until((received) => received.includes("ok"));
    expect(house.dialled()).toBe(1);
  });

  it("that is answered early ends the connection: what is left of it is never read as a request", async () => {
    const origin = await answering("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
    await open();
    const client = await join();
    client.send(`POST http://origin.test:${origin.port}/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\npart`);
    await client.until((received) => received.includes("no"));
    client.send(get(origin, "/smuggled"));
    await client.closed;
    expect(house.requests).toHaveLength(1);
    expect(origin.seen()).not.toContain("smuggled");
  });

  it("that breaks off breaks the server's connection off too", async () => {
    const origin = await answering(() => undefined);
    await open();
    const client = await join();
    client.send(`POST http://origin.test:${origin.port}/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\npart`);
    await eventually(() => origin.seen().includes("part"));
    client.reset();
    await eventually(() => origin.sockets.size === 0);
    expect(house.carried[0]).toMatchObject({ why: "client_reset" });
  });

  it("goes through byte for byte, and is counted", async () => {
    const body = Buffer.alloc(3_000_000, "0123456789");
    const origin = await serving((socket) => {
      let got = 0;
      socket.on("data", (bytes: Buffer) => {
        got += bytes.length;
        if (got > body.length) socket.write(OK);
      });
    });
    await open();
    const client = await join();
    client.send(`PUT http://origin.test:${origin.port}/ HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`);
    client.send(body);
    await client.until((received) => received.includes("ok"));
    expect(origin.seen().endsWith(body.toString("latin1"))).toBe(true);
    await eventually(() => house.carried.length === 1);
    expect(house.carried[0]).toMatchObject({ why: "finished", up: client.socket.bytesWritten, down: client.received().length });
  });
});

describe("slow and absent readers", () => {
  it("a reader that stalls stops the server from sending, and loses nothing when it goes on", async () => {
    const size = 64 * 1024 * 1024;
    const chunk = Buffer.alloc(1024 * 1024, "x");
    let sent = 0;
    const origin = await answering((_, socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      const more = (): void => {
        while (sent < size) {
          sent += chunk.length;
          if (!socket.write(chunk)) break;
        }
        if (sent < size) socket.once("drain", more);
      };
      more();
    });
    await open();
    const client = await join();
    client.socket.pause();
    client.send(get(origin, "/", "Connection: close\r\n"));
    await eventually(() => sent > 0);
    let before = -1;
    while (sent !== before) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(sent).toBeLessThan(size);
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(40 * 1024 * 1024);
    let got = 0;
    client.socket.removeAllListeners("data");
    client.socket.on("data", (bytes: Buffer) => {
      got += bytes.length;
    });
    client.socket.resume();
    await client.closed;
    expect(got).toBeGreaterThan(size);
    expect(house.carried[0]).toMatchObject({ why: "finished" });
  });

  it("the server is let go when the program goes", async () => {
    const origin = await answering((_, socket) => void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"));
    await open();
    const client = await join();
    client.send(get(origin));
    await client.until((received) => received.includes("half"));
    client.reset();
    await eventually(() => origin.sockets.size === 0);
    expect(house.carried[0]).toMatchObject({ why: "client_reset" });
  });

  it("an exchange in which nothing moves is ended, with 504 if nothing was answered yet", async () => {
    const origin = await answering(() => undefined);
    await open({ limits: { idleMs: 300 } });
    expect(await converse(house.port, get(origin))).toMatch(/^HTTP\/1\.1 504 /);
    expect(house.carried[0]).toMatchObject({ why: "idle" });
  });

  it("an exchange can be cut", async () => {
    let leash: Leash | undefined;
    const origin = await answering(() => undefined);
    await open({ onLeash: (given) => (leash = given) });
    const client = await join();
    client.send(get(origin));
    await eventually(() => origin.seen() !== "");
    leash?.pull("CARRY_CLOSED_BY_PERSON");
    await client.closed;
    expect(client.text()).toMatch(/^HTTP\/1\.1 503 [^]*CARRY_CLOSED_BY_PERSON/);
    expect(house.carried[0]).toMatchObject({ why: "cut" });
  });
});

describe("upgrades", () => {
  const wish = "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Key: x\r\n";
  const accept = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: y\r\n\r\n";

  it("to WebSocket become a tunnel, with the first bytes of both sides", async () => {
    const origin = await answering((_, socket) => {
      socket.write(`${accept}hello`);
      socket.removeAllListeners("data").on("data", (bytes: Buffer) => socket.write(bytes));
    });
    await open();
    const client = await join();
    client.send(`${get(origin, "/chat", wish)}early`);
    await client.until((received) => received.toString().endsWith("helloearly"));
    client.send(" later");
    await client.until((received) => received.toString().endsWith("helloearly later"));
    expect(origin.seen().length).toBeGreaterThan(0);
    client.socket.end();
    await client.closed;
    await eventually(() => house.carried.length === 1);
    expect(house.carried[0]).toMatchObject({ why: "finished", up: client.socket.bytesWritten, down: client.received().length });
  });

  it("that the server declines stay HTTP", async () => {
    const origin = await answering(OK);
    await open();
    const client = await join();
    client.send(get(origin, "/chat", wish));
    await client.until((received) => received.includes("ok"));
    client.send(get(origin, "/2"));
    await client.until((received) => received.toString().match(/ok/g)?.length === 2);
    expect(house.dialled()).toBe(1);
  });
});

describe("logins", () => {
  const basic = (login: string) => `Proxy-Authorization: Basic ${Buffer.from(login).toString("base64")}\r\n`;

  it("are asked for with a challenge, and compared", async () => {
    const origin = await answering(OK);
    await open({ checkLogin: createCheckLogin("ann", "se:cret") });
    for (const fields of [
      "",
      basic("ann:wrong"),
      basic("ann"),
      "Proxy-Authorization: Bearer x\r\n",
      basic("ann:se:cret") + basic("ann:se:cret"),
    ]) {
      const answer = await converse(house.port, get(origin, "/", fields));
      expect(answer).toMatch(/^HTTP\/1\.1 407 Proxy Authentication Required\r\n[^]*Proxy-Authenticate: Basic realm="Portail"/);
    }
    expect(await converse(house.port, `CONNECT origin.test:${origin.port} HTTP/1.1\r\n\r\n`)).toMatch(/^HTTP\/1\.1 407 /);
    expect(house.dialled()).toBe(0);
    expect(await converse(house.port, get(origin, "/", `Connection: close\r\n${basic("ann:se:cret")}`))).toMatch(/^HTTP\/1\.1 200 /);
    expect(origin.seen()).not.toContain("Proxy-Authorization");
  });
});
