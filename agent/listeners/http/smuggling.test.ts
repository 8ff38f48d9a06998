import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { converse, eventually, openRaw, type RawServer, serveRaw } from "../raw-client.suite.ts";
import { type House, openHouse } from "../stand-in-conductor.suite.ts";

/** An origin that records each byte, and answers each thing that it gets with one fixed answer. */
let origin: RawServer;
let house: House;
let seenBefore = 0;

beforeAll(async () => {
  origin = await serveRaw((socket) => {
    socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    socket.on("end", () => socket.end());
  });
  house = await openHouse();
});

afterAll(async () => {
  await eventually(() => house.listener.connections === 0);
  await eventually(() => origin.sockets.size === 0);
  await house.close();
  await origin.close();
});

beforeEach(() => {
  seenBefore = origin.seen().length;
});

const seen = () => origin.seen().slice(seenBefore);
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
const at = () => `http://origin.test:${origin.port}`;
const post = (fields: string, body: string) => `POST ${at()}/ HTTP/1.1\r\nHost: a\r\n${fields}\r\n${body}`;
const get = (fields: string) => `GET ${at()}/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}\r\n`;

describe("what two servers could read differently is refused, closed, and never reaches a server", () => {
  const cases: readonly [string, () => string, number][] = [
    ["both Content-Length and Transfer-Encoding", () => post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nG"), 400],
    ["identity before chunked", () => post("Transfer-Encoding: identity, chunked\r\n", "0\r\n\r\n"), 400],
    ["chunked before identity", () => post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), 400],
    ["an unknown transfer coding", () => post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 400],
    ["two Transfer-Encoding fields", () => post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400],
    ["a space before the colon", () => post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400],
    ["Transfer-Encoding in HTTP/1.0", () => `POST ${at()}/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ["two equal Content-Length fields", () => post("Content-Length: 2\r\nContent-Length: 2\r\n", "hi"), 400],
    ["two different Content-Length fields", () => post("Content-Length: 2\r\nContent-Length: 3\r\n", "hi"), 400],
    ["a list as Content-Length", () => post("Content-Length: 2, 2\r\n", "hi"), 400],
    ["a signed Content-Length", () => post("Content-Length: +2\r\n", "hi"), 400],
    ["an empty Content-Length", () => post("Content-Length:\r\n", "hi"), 400],
    ["a hexadecimal Content-Length", () => post("Content-Length: 0x2\r\n", "hi"), 400],
    ["two Host fields", () => `GET ${at()}/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n`, 400],
    ["no Host", () => `GET ${at()}/ HTTP/1.1\r\n\r\n`, 400],
    ["a folded line", () => get("X-A: b\r\n c\r\n"), 400],
    ["bare LF", () => `GET ${at()}/ HTTP/1.1\nHost: a\n\n`, 400],
    ["a bare CR in a value", () => get("X: a\rb\r\n"), 400],
    ["NUL in a value", () => get("X: a\0b\r\n"), 400],
    ["a field without a colon", () => get("Xab\r\n"), 400],
    ["a field without a name", () => get(": b\r\n"), 400],
    ["two spaces in the request line", () => `GET  ${at()}/ HTTP/1.1\r\nHost: a\r\n\r\n`, 400],
    ["another version", () => `GET ${at()}/ HTTP/1.2\r\nHost: a\r\n\r\n`, 400],
    ["no version", () => `GET ${at()}/\r\n\r\n`, 400],
    ["user information in the target", () => `GET http://u:p@origin.test:${origin.port}/ HTTP/1.1\r\nHost: a\r\n\r\n`, 400],
    ["a fragment in the target", () => `GET ${at()}/a#b HTTP/1.1\r\nHost: a\r\n\r\n`, 400],
    ["a backslash in the authority", () => `GET http://origin.test\\@evil.test/ HTTP/1.1\r\nHost: a\r\n\r\n`, 400],
    ["origin form", () => `GET / HTTP/1.1\r\nHost: origin.test:${origin.port}\r\n\r\n`, 400],
    ["an asterisk", () => "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    ["https in absolute form", () => `GET https://origin.test:${origin.port}/ HTTP/1.1\r\nHost: a\r\n\r\n`, 501],
    ["TRACE", () => `TRACE ${at()}/ HTTP/1.1\r\nHost: a\r\n\r\n`, 501],
    ["our own Via", () => get("Via: 1.0 fred, 1.1 Portail (x)\r\n"), 508],
    ["OPTIONS that may go no further", () => `OPTIONS ${at()}/ HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n`, 508],
    ["an over-long head", () => get(`X: ${"a".repeat(70_000)}\r\n`), 431],
    ["too many fields", () => get("X: a\r\n".repeat(300)), 431],
    ["CONNECT without a port", () => "CONNECT origin.test HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    ["CONNECT in absolute form", () => `CONNECT ${at()}/ HTTP/1.1\r\nHost: a\r\n\r\n`, 400],
    ["CONNECT with user information", () => `CONNECT a@origin.test:${origin.port} HTTP/1.1\r\nHost: a\r\n\r\n`, 400],
    ["CONNECT to port 0", () => "CONNECT origin.test:0 HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    ["CONNECT to port 65536", () => "CONNECT origin.test:65536 HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    ["what only begins like HTTP/2", () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\n", 400],
  ];

  it.each(cases)("%s", async (_, request, status) => {
    const answer = await converse(house.port, `${request()}GET ${at()}/smuggled HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect(statusOf(answer)).toBe(status);
    expect(answer.match(/^HTTP\/1\.1 /gm)).toHaveLength(1);
    expect(answer).toContain("Connection: close\r\n");
    expect(seen()).toBe("");
  });
});

describe("a body with bad chunks is cut before it looks complete to the server", () => {
  it.each([
    ["a bare LF", "2\nhi\r\n0\r\n\r\n"],
    ["a size with 0x", "0x2\r\nhi\r\n0\r\n\r\n"],
    ["data longer than its size", "2\r\nhiXX0\r\n\r\n"],
    ["a folded trailer", "2\r\nhi\r\n0\r\nA: b\r\n c\r\n\r\n"],
  ])("%s", async (_, body) => {
    const silent = await serveRaw((socket) => socket.on("end", () => socket.end()));
    const answer = await converse(
      house.port,
      `POST http://origin.test:${silent.port}/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}`,
    );
    expect(statusOf(answer)).toBe(400);
    await eventually(() => silent.sockets.size === 0);
    expect(silent.seen()).not.toContain("\r\n0\r\n");
    await silent.close();
  });
});

describe("what goes on to the server", () => {
  it("is framed anew: extensions gone, one chunk, trailers kept but for those that frame or route", async () => {
    const body = "2;a=b\r\nhi\r\n0\r\nX-T: 1\r\nContent-Length: 9\r\nHost: evil\r\n\r\n";
    const answer = await converse(house.port, post("Connection: close\r\nTransfer-Encoding: Chunked\r\nTrailer: X-T\r\n", body));
    expect(statusOf(answer)).toBe(200);
    expect(seen()).toBe(
      `POST / HTTP/1.1\r\nHost: origin.test:${origin.port}\r\nTrailer: X-T\r\nVia: 1.1 portail\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-T: 1\r\n\r\n`,
    );
  });

  it("has the host of the target, whatever Host says, and the path untouched", async () => {
    await converse(
      house.port,
      `GET http://Origin.TEST:${origin.port}/%2e%2e/a/../b?x=|{}" HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n`,
    );
    expect(seen()).toBe(`GET /%2e%2e/a/../b?x=|{}" HTTP/1.1\r\nHost: origin.test:${origin.port}\r\nVia: 1.1 portail\r\n\r\n`);
    expect(house.requests.at(-1)).toMatchObject({ host: "origin.test", path: "/%2e%2e/a/../b", method: "GET" });
  });

  it("lacks what was meant for us, what Connection names, and who is behind us", async () => {
    const fields = [
      "Connection: X-Drop, close, Host, Content-Length",
      "X-Drop: 1",
      "X-Keep: 1",
      "Proxy-Connection: keep-alive",
      "Keep-Alive: 5",
      "TE: trailers",
      "Proxy-Authorization: Basic eA==",
      "Upgrade: h2c",
      "HTTP2-Settings: AAMAAABkAAQ",
      "Forwarded: for=1",
      "X-Forwarded-For: 10.0.0.1",
      "Via: 1.0 fred",
      "Content-Length: 2",
    ];
    await converse(house.port, post(`${fields.join("\r\n")}\r\n`, "hi"));
    expect(seen()).toBe(
      `POST / HTTP/1.1\r\nHost: origin.test:${origin.port}\r\nX-Keep: 1\r\nVia: 1.0 fred\r\nVia: 1.1 portail\r\nContent-Length: 2\r\n\r\nhi`,
    );
  });

  it("says its length even where the program did not", async () => {
    await converse(house.port, `PURGE ${at()}/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(seen()).toContain("Content-Length: 0\r\n");
    await converse(house.port, `GET ${at()}/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi`);
    expect(seen()).toContain("Content-Length: 2\r\n\r\nhi");
  });

  it.each([
    ["an extension method", (to: string) => `FOO ${to}/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`, "FOO / HTTP/1.1"],
    ["a bare authority", (to: string) => `GET ${to} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`, "GET / HTTP/1.1"],
    ["a query without a path", (to: string) => `GET ${to}?q=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`, "GET /?q=1 HTTP/1.1"],
    ["OPTIONS on a bare authority", (to: string) => `OPTIONS ${to} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`, "OPTIONS * HTTP/1.1"],
    ["HTTP/1.0", (to: string) => `GET ${to}/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`, "GET / HTTP/1.1"],
  ])("serves %s", async (_, request, line) => {
    const answer = await converse(house.port, request(at()));
    expect(statusOf(answer)).toBe(200);
    expect(answer).toContain("Connection: close\r\n");
    expect(seen().split("\r\n")[0]).toBe(line);
  });

  it("comes one request at a time, however they were sent", async () => {
    const answer = await converse(
      house.port,
      `GET ${at()}/1 HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET ${at()}/2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    );
    expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
    expect(seen().match(/GET \/[12] /g)).toEqual(["GET /1 ", "GET /2 "]);
  });
});

describe("CONNECT", () => {
  it("takes what follows its head as the tunnel's, Content-Length or not", async () => {
    const client = await openRaw(house.port);
    client.send(`CONNECT origin.test:${origin.port} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello, tunnel`);
    await client.until((received) => received.includes("ok"));
    expect(client.text()).toMatch(/^HTTP\/1\.1 200 Connection Established\r\n\r\nHTTP\/1\.1 200 OK/);
    expect(seen()).toBe("hello, tunnel");
    client.socket.destroy();
  });

  it("is served to programs that send no Host and speak HTTP/1.0", async () => {
    const client = await openRaw(house.port);
    client.send(`CONNECT 127.0.0.1:${origin.port} HTTP/1.0\r\n\r\nx`);
    await client.until((received) => received.includes("ok"));
    client.socket.destroy();
  });
});
