import { once } from "node:events";
import http2, {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import { afterEach, expect, test } from "vitest";
import { eventually, openRaw, type RawServer, serveRaw } from "../raw-client.suite.ts";
import { type House, openHouse } from "../stand-in-conductor.suite.ts";
import { block, END_HEADERS, END_STREAM, frame, frameType, preface, readFrames } from "./frames.suite.ts";

let house: House;
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
  await eventually(() => house.listener.connections === 0, "no client's connection left");
  await eventually(() => house.openUpstreams() === 0, "no server's connection left");
  await house.close();
});

/** A server that answers so as soon as `enough` of a request has come, and the way to it. */
async function lab(answer: string, enough = "\r\n\r\n"): Promise<{ readonly origin: RawServer; readonly session: ClientHttp2Session }> {
  house = await openHouse();
  const origin = await serveRaw((socket) => {
    let seen = "";
    socket.on("data", (bytes: Buffer) => {
      seen += bytes.toString("latin1");
      if (!seen.endsWith(enough)) return;
      seen = "";
      socket.write(answer, "latin1");
      if (answer.includes("HTTP/1.0")) socket.end();
    });
    socket.on("end", () => socket.end());
  });
  undo.push(() => origin.close());
  const session = http2.connect(`http://127.0.0.1:${house.port}`);
  session.on("error", () => undefined);
  undo.push(() => session.destroy());
  return { origin, session };
}

const ask = (
  session: ClientHttp2Session,
  origin: RawServer,
  more: OutgoingHttpHeaders = {},
  options: http2.ClientSessionRequestOptions = {},
) => {
  const stream = session.request(
    { ":method": "GET", ":scheme": "http", ":authority": `origin.test:${origin.port}`, ":path": "/", ...more },
    options,
  );
  stream.on("error", () => undefined);
  return stream;
};
const answerOf = async (stream: ClientHttp2Stream) => {
  let body = "";
  stream.on("data", (chunk: Buffer) => (body += chunk.toString("latin1")));
  const closed = new Promise((resolve) => stream.once("close", resolve));
  const [headers] = (await once(stream, "response")) as [IncomingHttpHeaders & { ":status"?: number }];
  await closed;
  return { status: headers[":status"], headers, body, code: stream.rstCode };
};
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const headSeen = (origin: RawServer) => (origin.seen().split("\r\n\r\n")[0] ?? "").split("\r\n");

test("a request goes on as HTTP/1.1, with one cookie, without what is meant for us, and its path as it was written", async () => {
  const { origin, session } = await lab(OK);
  const stream = ask(session, origin, {
    ":path": "/%2e%2e/a?q=1",
    cookie: ["a=1", "b=2", "c=3"],
    te: "trailers",
    "proxy-authorization": "Basic eDp5",
    "x-forwarded-for": "10.0.0.1",
    "x-own": "kept",
  });
  expect(await answerOf(stream)).toMatchObject({ status: 200, body: "ok", code: 0 });
  const [line, ...fields] = headSeen(origin);
  expect(line).toBe("GET /%2e%2e/a?q=1 HTTP/1.1");
  expect(fields.toSorted()).toEqual([`Host: origin.test:${origin.port}`, "Via: 2 portail", "cookie: a=1; b=2; c=3", "x-own: kept"]);
  expect(house.requests[0]).toMatchObject({ protocol: "h2", method: "GET", path: "/%2e%2e/a" });
});

test("the answer comes without what belongs to one connection, and with every cookie", async () => {
  const { origin, session } = await lab(
    "HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n",
  );
  const { status, headers, body } = await answerOf(ask(session, origin));
  expect([status, body, headers["set-cookie"], headers.via]).toEqual([200, "ok", ["a", "b"], "1.1 portail"]);
  expect(Object.keys(headers).filter((name) => /hop|keep|connection|transfer|length|trailer/.test(name))).toEqual([]);
});

test.each([
  ["with a length", { "content-length": 5 }, "Content-Length: 5", "hello"],
  ["without one", {}, "Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n"],
])("a body %s arrives in one framing only", async (_, more, field, body) => {
  const { origin, session } = await lab(OK, body);
  const stream = ask(session, origin, { ":method": "POST", ...more });
  stream.end("hello");
  expect((await answerOf(stream)).status).toBe(200);
  expect(headSeen(origin).filter((line) => /^(?:content-length|transfer-encoding):/i.test(line))).toEqual([field]);
  expect(origin.seen().split("\r\n\r\n").slice(1).join("\r\n\r\n")).toBe(body);
});

test.each(["POST", "PURGE", "GET", "DELETE"])("a %s that ends with its head has no body in HTTP/1.1 either", async (method) => {
  const { origin, session } = await lab(OK);
  expect((await answerOf(ask(session, origin, { ":method": method }, { endStream: true }))).status).toBe(200);
  const framing = headSeen(origin).filter((line) => /^(?:content-length|transfer-encoding):/i.test(line));
  expect(framing).toEqual(method === "POST" || method === "PURGE" ? ["Content-Length: 0"] : []);
});

test.each([
  ["HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n", 200, "1234"],
  ["GET", "HTTP/1.1 204 No Content\r\n\r\n", 204, undefined],
  ["GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n", 304, "77"],
])("an answer without a body is complete (%s, %s)", async (method, answer, status, length) => {
  const { origin, session } = await lab(answer);
  const got = await answerOf(ask(session, origin, { ":method": method }, { endStream: true }));
  expect([got.status, got.headers["content-length"], got.body, got.code]).toEqual([status, length, "", 0]);
});

test("an answer that is cut short does not look complete", async () => {
  house = await openHouse();
  const origin = await serveRaw((socket) => {
    socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", () => socket.end()));
  });
  undo.push(() => origin.close());
  const session = http2.connect(`http://127.0.0.1:${house.port}`);
  undo.push(() => session.destroy());
  const { body, code } = await answerOf(ask(session, origin, {}, { endStream: true }));
  expect([body, code]).toEqual(["half", constants.NGHTTP2_INTERNAL_ERROR]);
});

test("a request that is cut short never looks complete to the server", async () => {
  const { origin, session } = await lab(OK, "never");
  const stream = ask(session, origin, { ":method": "POST" });
  stream.write("half of it");
  await eventually(() => origin.seen().includes("half of it"));
  stream.end = () => stream;
  stream.close(constants.NGHTTP2_CANCEL);
  await eventually(() => origin.sockets.size === 0);
  expect(origin.seen()).not.toContain("\r\n0\r\n\r\n");
});

test("an answer that comes before the request is complete ends it without an error", async () => {
  const { origin, session } = await lab("HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno", "\r\n\r\n5\r\nhello\r\n");
  const stream = ask(session, origin, { ":method": "POST" });
  stream.write("hello");
  expect(await answerOf(stream)).toMatchObject({ status: 413, body: "no", code: 0 });
});

test("interim answers are passed on", async () => {
  const { origin, session } = await lab(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink: </b>\r\n\r\n${OK}`);
  const stream = ask(session, origin);
  const hints = once(stream, "headers");
  expect((await answerOf(stream)).status).toBe(200);
  expect(((await hints) as [IncomingHttpHeaders])[0]).toMatchObject({ ":status": 103, link: "</a>, </b>" });
});

test.each([
  ["a loop", { via: "1.1 portail" }, 508, "HTTP_LOOP"],
  ["TRACE", { ":method": "TRACE" }, 501, "HTTP_METHOD"],
  ["a scheme that needs a tunnel", { ":scheme": "https" }, 501, "HTTP_METHOD"],
  ["another Host", { host: "other.test" }, 400, "HTTP_BAD_REQUEST"],
])("%s is refused as over HTTP/1.1", async (_, more, status, code) => {
  const { origin, session } = await lab(OK);
  const got = await answerOf(ask(session, origin, more, { endStream: true }));
  expect([got.status, got.body.includes(`"code": "${code}"`), house.dialled()]).toEqual([status, true, 0]);
});

const get = [
  [":method", "POST"],
  [":scheme", "http"],
  [":authority", "origin.test:9"],
  [":path", "/"],
] as const;

test.each([
  ["a line break in the path", [get[0], get[1], get[2], [":path", "/ HTTP/1.1\r\nX: y"]]],
  ["a space in the path", [get[0], get[1], get[2], [":path", "/ HTTP/1.1"]]],
  ["an upper-case name", [...get, ["X-A", "c"]]],
  ["transfer-encoding", [...get, ["transfer-encoding", "chunked"]]],
  ["connection", [...get, ["connection", "x"]]],
  ["upgrade", [...get, ["upgrade", "h2c"]]],
  ["te with more than trailers", [...get, ["te", "gzip"]]],
  ["two lengths", [...get, ["content-length", "1"], ["content-length", "2"]]],
  ["a length with a sign", [...get, ["content-length", "+1"]]],
  ["two paths", [...get, [":path", "/b"]]],
  ["a pseudo-header field behind others", [get[0], get[1], get[2], ["x", "y"], get[3]]],
  ["an unknown pseudo-header field", [...get, [":protocol", "websocket"]]],
  ["a method that is no token", [[":method", "GET / HTTP/1.1\r\nX:"], get[1], get[2], get[3]]],
] as readonly (readonly [string, readonly (readonly [string, string])[]])[])("%s never reaches a server", async (_, fields) => {
  const { origin } = await lab(OK);
  const at = fields.map(([name, value]) => [name, value.replace(":9", `:${origin.port}`)] as const);
  const raw = await openRaw(house.port);
  undo.push(() => raw.socket.destroy());
  raw.send(
    Buffer.concat([
      preface,
      frame(frameType.settings, 0, 0),
      frame(frameType.headers, END_HEADERS, 1, block(at)),
      frame(frameType.data, END_STREAM, 1, Buffer.from("x")),
    ]),
  );
  await raw.until((received) =>
    readFrames(received).frames.some(
      ({ type, flags, stream }) =>
        type === frameType.goaway ||
        (stream === 1 && (type === frameType.rstStream || (type === frameType.data && (flags & END_STREAM) !== 0))),
    ),
  );
  expect([origin.seen(), house.dialled()]).toEqual(["", 0]);
});

test.each([
  ["a line break in a value", ["x-bad", "a\r\nTransfer-Encoding: chunked"]],
  ["a colon in a name", ["x-bad:b", "c"]],
] as const)("a field with %s does not go on", async (_, field) => {
  const { origin } = await lab(OK, "0\r\n\r\n");
  const at = get.map(([name, value]) => [name, value.replace(":9", `:${origin.port}`)] as const);
  const raw = await openRaw(house.port);
  undo.push(() => raw.socket.destroy());
  raw.send(Buffer.concat([preface, frame(frameType.settings, 0, 0), frame(frameType.headers, END_HEADERS, 1, block([...at, field]))]));
  raw.send(frame(frameType.data, END_STREAM, 1, Buffer.from("x")));
  await raw.until((received) => readFrames(received).frames.some(({ stream }) => stream === 1));
  expect(origin.seen()).not.toContain("x-bad");
  expect(origin.seen().match(/transfer-encoding/gi)).toHaveLength(1);
});

test("a body that is not as long as announced never arrives as one that is", async () => {
  const { origin } = await lab(OK, "never");
  for (const [length, body] of [
    ["10", "short"],
    ["2", "longer"],
  ] as const) {
    const raw = await openRaw(house.port);
    undo.push(() => raw.socket.destroy());
    const head = block([
      ...get.map(([name, value]) => [name, value.replace(":9", `:${origin.port}`)] as const),
      ["content-length", length],
    ]);
    raw.send(Buffer.concat([preface, frame(frameType.settings, 0, 0), frame(frameType.headers, END_HEADERS, 1, head)]));
    raw.send(frame(frameType.data, END_STREAM, 1, Buffer.from(body)));
    await raw.until((received) =>
      readFrames(received).frames.some(({ type }) => type === frameType.rstStream || type === frameType.goaway),
    );
  }
  await eventually(() => origin.sockets.size === 0);
  expect(origin.seen()).not.toContain("longer");
});
