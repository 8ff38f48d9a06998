import { once } from "node:events";
import http2, { type ClientHttp2Session, type ClientHttp2Stream, constants, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { breakOff, Http2Leg } from "./http2-leg.ts";
import { LegEnded } from "./leg.ts";
import { readAll, until } from "./net-rig.suite.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

/** A leg on the server's end of a stream whose other end is the runtime's own. */
async function open(): Promise<{ readonly session: ClientHttp2Session; readonly stream: ClientHttp2Stream; readonly leg: Http2Leg }> {
  const server = http2.createServer();
  const arrived = Promise.withResolvers<ServerHttp2Stream>();
  server.on("stream", (stream: ServerHttp2Stream) => {
    stream.respond({ ":status": 200 });
    arrived.resolve(stream);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  undo.push(() => new Promise((resolve) => server.close(resolve)));
  const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  undo.push(() => session.destroy());
  const stream = session.request({ ":method": "CONNECT", ":authority": "target.test:443" });
  stream.on("error", () => undefined);
  await once(stream, "response");
  return { session, stream, leg: new Http2Leg(await arrived.promise, { remote: undefined, local: undefined }) };
}

const closed = async (stream: ClientHttp2Stream) => {
  stream.resume();
  await new Promise((resolve) => stream.once("close", resolve));
  return stream.rstCode;
};

test("a tunnel that breaks ends its stream with CONNECT_ERROR, one that is cut with CANCEL, one that ends without any error", async () => {
  const [broken, cut, ended] = [await open(), await open(), await open()];
  broken.leg.abort();
  expect(await closed(broken.stream)).toBe(constants.NGHTTP2_CONNECT_ERROR);
  cut.leg.destroy();
  expect(await closed(cut.stream)).toBe(constants.NGHTTP2_CANCEL);
  ended.stream.end();
  await readAll(ended.leg);
  ended.leg.destroy();
  expect(await closed(ended.stream)).toBe(constants.NGHTTP2_NO_ERROR);
});

test.each([
  ["no error", constants.NGHTTP2_NO_ERROR],
  ["CANCEL", constants.NGHTTP2_CANCEL],
  ["CONNECT_ERROR", constants.NGHTTP2_CONNECT_ERROR],
])("what is broken off with %s is never taken for complete, nor when our side has ended before", async (_, code) => {
  for (const endsFirst of code === constants.NGHTTP2_NO_ERROR ? [false] : [false, true]) {
    const { stream, leg } = await open();
    stream.write("half of");
    await leg.take(4);
    if (endsFirst) {
      leg.end();
      stream.resume();
      await once(stream, "end");
    }
    breakOff(stream, code);
    await expect(readAll(leg)).rejects.toThrow(LegEnded);
    expect(leg.readEnd).toBe("reset");
  }
});

test("a program that breaks off is noticed though nobody reads from it", async () => {
  const { stream, leg } = await open();
  const gone = Promise.withResolvers<undefined>();
  leg.onGone(() => gone.resolve(undefined));
  stream.write(Buffer.alloc(200_000));
  await leg.peek();
  breakOff(stream, constants.NGHTTP2_CANCEL);
  await gone.promise;
  leg.destroy();
  expect(leg.closed).toBe(true);
});

test("last words reach a program that still sends, and it is told without an error to stop", async () => {
  const { stream, leg } = await open();
  leg.keeper = { legGone: () => undefined, linger: () => undefined };
  stream.write("and another thing");
  leg.write("no");
  leg.finish();
  let said = "";
  stream.on("data", (bytes: Buffer) => (said += bytes.toString()));
  await once(stream, "close");
  expect([said, stream.rstCode, stream.readableEnded]).toEqual(["no", constants.NGHTTP2_NO_ERROR, true]);
  await until(() => leg.closed);
});

test("a connection that is lost breaks off all of its streams", async () => {
  const { session, leg } = await open();
  const reading = readAll(leg);
  session.destroy();
  await expect(reading).rejects.toMatchObject({ end: "reset" });
});
