import { duplexPair } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { StreamLeg } from "../net/index.ts";
import { bytesOfIpv6, createSocks5Negotiation, formatConnect, replyFailure } from "./socks5-client.ts";

const route = { backend: "out", host: "a.example", port: 443 };

async function ask(answer: Uint8Array, cuts: readonly number[] = [], login?: { readonly username: string; readonly password: string }) {
  const [near, far] = duplexPair({ allowHalfOpen: true });
  const leg = new StreamLeg(near);
  const heard: Buffer[] = [];
  far.on("data", (chunk: Buffer) => heard.push(chunk));
  const asked = createSocks5Negotiation(login === undefined ? undefined : () => Promise.resolve(login))(leg, route);
  asked.catch(() => undefined);
  const at = [0, ...new Set(cuts.filter((cut) => cut < answer.length).toSorted((left, right) => left - right)), answer.length];
  for (const [index, end] of at.slice(1).entries()) {
    far.write(Buffer.from(answer.subarray(at[index], end)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  far.end();
  try {
    const negotiated = await asked;
    return { negotiated, heard: Buffer.concat(heard), rest: negotiated.kind === "open" ? (await leg.readSome()).toString() : "" };
  } finally {
    leg.destroy();
    far.destroy();
  }
}

const opened = Buffer.from([5, 0, 5, 0, 0, 1, 192, 0, 2, 7, 0x1f, 0x90, ...Buffer.from("SSH")]);

test("the answer may come in any pieces; the bound address is told and what follows belongs to the tunnel", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: opened.length - 4 }), { maxLength: 5 }), async (cuts) => {
      const { negotiated, rest } = await ask(opened, cuts);
      expect(negotiated).toEqual({ kind: "open", local: { address: "192.0.2.7", port: 8080 } });
      expect(rest).toBe("SSH");
    }),
    { numRuns: 50 },
  );
});

test("no bytes of a server make it throw anything but its own end", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
      const negotiated = await ask(bytes).then(
        (done) => done.negotiated.kind,
        (cause: unknown) => (cause as Error).name,
      );
      expect(["open", "failed", "LegEnded"]).toContain(negotiated);
    }),
  );
});

test("names go out as names, addresses as addresses", () => {
  expect(formatConnect({ host: "a.example", port: 443 })).toEqual(Buffer.from([5, 1, 0, 3, 9, ...Buffer.from("a.example"), 1, 187]));
  expect(formatConnect({ host: "192.0.2.7", port: 80 })).toEqual(Buffer.from([5, 1, 0, 1, 192, 0, 2, 7, 0, 80]));
  expect(formatConnect({ host: "::1", port: 80 })).toEqual(Buffer.from([5, 1, 0, 4, ...Array<number>(15).fill(0), 1, 0, 80]));
  expect(() => formatConnect({ host: "a".repeat(256), port: 80 })).toThrow(RangeError);
});

test("every spelling of an IPv6 address has its bytes", () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const url = new URL(`http://[${address}]/`).hostname.slice(1, -1);
      expect(bytesOfIpv6(address)).toEqual(bytesOfIpv6(url));
    }),
  );
});

test("the login is sent once it is asked for, and its refusal is final", async () => {
  const login = { username: "joe", password: "s3cret" };
  const { heard } = await ask(Buffer.from([5, 2, 1, 0, ...opened.subarray(2)]), [], login);
  expect(heard.subarray(0, 4)).toEqual(Buffer.from([5, 2, 0, 2]));
  expect(heard.subarray(4, 16)).toEqual(Buffer.from([1, 3, ...Buffer.from("joe"), 6, ...Buffer.from("s3cret")]));
  expect((await ask(Buffer.from([5, 2, 1, 1]), [], login)).negotiated).toMatchObject({ code: "DIAL_BACKEND_AUTH", sent: true });
  expect((await ask(Buffer.from([5, 0xff]))).negotiated).toMatchObject({
    code: "DIAL_BACKEND_AUTH",
    detail: expect.stringContaining("none is configured") as unknown,
  });
});

test("every reply code has a failure; only 'not allowed' is final", () => {
  for (let reply = 1; reply < 256; reply++) {
    const failure = replyFailure(reply);
    expect(failure.sent === true).toBe(reply === 2);
    expect(failure.isBackendDown).toBeUndefined();
  }
  expect([3, 4, 5, 6].map((reply) => replyFailure(reply).code)).toEqual([
    "DIAL_UNREACHABLE",
    "DIAL_UNREACHABLE",
    "DIAL_REFUSED",
    "DIAL_TIMEOUT",
  ]);
});
