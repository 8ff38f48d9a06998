import { duplexPair } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { StreamLeg } from "../net/index.ts";
import { createHttpNegotiation, formatBasic, formatConnectHead, judgeAnswer, parseAnswer } from "./http-connect.ts";

const route = { backend: "out", host: "a.example", port: 443 };

/** A proxy that answers with these pieces. */
async function ask(pieces: readonly string[], authorization?: string) {
  const [near, far] = duplexPair({ allowHalfOpen: true });
  const leg = new StreamLeg(near);
  const asked = createHttpNegotiation(authorization === undefined ? undefined : () => Promise.resolve(authorization))(leg, route);
  const heard: Buffer[] = [];
  far.on("data", (chunk: Buffer) => heard.push(chunk));
  for (const piece of pieces) {
    far.write(piece, "latin1");
    await new Promise((resolve) => setImmediate(resolve));
  }
  far.end();
  const negotiated = await asked;
  const rest = negotiated.kind === "open" ? await leg.readSome() : Buffer.alloc(0);
  leg.destroy();
  far.destroy();
  return { negotiated, rest: rest.toString("latin1"), heard: Buffer.concat(heard).toString("latin1") };
}

test("an answer may come in any pieces, and what follows it belongs to the tunnel", async () => {
  const whole = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 Connection established\r\nContent-Length: 5\r\n\r\nhello";
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: whole.length - 1 }), { maxLength: 6 }), async (cuts) => {
      const at = [0, ...new Set(cuts.toSorted((left, right) => left - right)), whole.length];
      const pieces = at.slice(1).map((end, index) => whole.slice(at[index], end));
      const { negotiated, rest } = await ask(pieces);
      expect(negotiated).toEqual({ kind: "open" });
      expect("hello".startsWith(rest)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test("no bytes make the parser throw, and none but an HTTP/1 status line is an answer", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const answer = parseAnswer(text);
      if (answer !== undefined) expect(text).toMatch(/^HTTP\/1\.[01] [1-9]\d\d/);
    }),
  );
});

test("a proxy's own no is final, trouble behind it is not", () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 999 }), (status) => {
      const judged = judgeAnswer({ status, reason: "Said", schemes: [] }, false);
      if (status < 300) expect(judged.kind).toBe("open");
      else expect(judged).toMatchObject({ kind: "failed", ...(status >= 400 && status < 500 ? { sent: true } : {}) });
      if (status >= 500) expect(judged).not.toHaveProperty("sent");
    }),
  );
});

test("407 says what is missing", () => {
  const answer = parseAnswer(
    "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\nproxy-authenticate: NTLM abc\r\n\r\n",
  );
  expect(answer?.schemes).toEqual(["Negotiate", "NTLM"]);
  expect(judgeAnswer(answer ?? { status: 0, reason: "", schemes: [] }, true)).toMatchObject({
    code: "DIAL_BACKEND_AUTH",
    detail: expect.stringContaining("wants Negotiate or NTLM") as unknown,
  });
  expect(judgeAnswer({ status: 407, reason: "", schemes: ["Basic"] }, false)).toMatchObject({
    detail: expect.stringContaining("none is configured") as unknown,
  });
});

test("the request names the destination, brackets IPv6, and carries the login", async () => {
  const { heard } = await ask(["HTTP/1.1 200 OK\r\n\r\n"], formatBasic("joe", "pä:ss"));
  expect(heard).toBe("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\nProxy-Authorization: Basic am9lOnDDpDpzcw==\r\n\r\n");
  expect(formatConnectHead({ host: "2001:db8::1", port: 22 })).toContain("CONNECT [2001:db8::1]:22 HTTP/1.1");
});

test("neither a host nor a secret can add a line", () => {
  expect(() => formatConnectHead({ host: "a\r\nX: y", port: 1 })).toThrow(RangeError);
  expect(() => formatConnectHead({ host: "a", port: 1 }, "Bearer x\ny")).toThrow(RangeError);
});

test("a server that ends in the middle, or speaks no HTTP, opens nothing", async () => {
  await expect(ask(["HTTP/1.1 200 OK\r\n"])).rejects.toThrow("before its message was complete");
  expect((await ask(["SSH-2.0-OpenSSH_9.2\r\n\r\n"])).negotiated).toMatchObject({ code: "DIAL_PROTOCOL" });
});
