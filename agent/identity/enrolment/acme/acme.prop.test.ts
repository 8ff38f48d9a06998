import { createHmac, createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { z } from "zod";
import { AgentError } from "../../../base/index.ts";
import type { EndpointAnswer, Exchange } from "../ask-endpoint.ts";
import { AcmeSession } from "./acme-session.ts";

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const at = (path: string) => `https://ca.test/${path}`;
const directory = { newNonce: at("nonce"), newAccount: at("account"), newOrder: at("order") };

/** An authority that answers as it is told, and keeps what it was asked. */
function open(answers: readonly Partial<EndpointAnswer>[]) {
  const asked: Exchange[] = [];
  const left = [...answers];
  const ask = (exchange: Exchange): Promise<EndpointAnswer> => {
    if (exchange.method === "GET") return Promise.resolve({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(directory)) });
    if (exchange.method === "HEAD") return Promise.resolve({ status: 200, headers: { "replay-nonce": "first" }, body: Buffer.alloc(0) });
    asked.push(exchange);
    return Promise.resolve({ status: 200, headers: {}, body: Buffer.alloc(0), ...left.shift() });
  };
  const { signal } = new AbortController();
  return { asked, session: new AcmeSession({ title: "ACME", directory: new URL(at("directory")), accountKey: privateKey, ask, signal }) };
}

const jwsSchema = z.object({ protected: z.string(), payload: z.string(), signature: z.string() });
const readJws = (body = "") => jwsSchema.parse(JSON.parse(body));
const decode = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString());

it("signs each question with its own nonce, and proves an account that was given out beforehand", async () => {
  const { session, asked } = open([{ status: 201, headers: { location: at("me"), "replay-nonce": "second" } }, {}]);
  await session.open("ann@corp.example", { id: "kid-1", mac: Buffer.from("key").toString("base64url") });
  await session.post(at("order"), { identifiers: [] });
  const [account, order] = asked.map(({ body }) => readJws(body));
  for (const jws of [account, order]) {
    const key = { key: createPublicKey(privateKey), dsaEncoding: "ieee-p1363" } as const;
    expect(verify("sha256", Buffer.from(`${jws?.protected}.${jws?.payload}`), key, Buffer.from(jws?.signature ?? "", "base64url"))).toBe(
      true,
    );
  }
  expect([account, order].map((jws) => decode(jws?.protected ?? ""))).toMatchObject([
    { nonce: "first" },
    { nonce: "second", kid: at("me") },
  ]);
  const { externalAccountBinding: bound } = z.object({ externalAccountBinding: jwsSchema }).parse(decode(account?.payload ?? ""));
  expect(bound.signature).toBe(createHmac("sha256", "key").update(`${bound.protected}.${bound.payload}`).digest("base64url"));
});

it("asks again when its nonce was forgotten, three times at most", async () => {
  const forgotten = { status: 400, body: Buffer.from(JSON.stringify({ type: "urn:ietf:params:acme:error:badNonce", detail: "old" })) };
  const once = open([forgotten, {}]);
  await once.session.post(at("x"));
  expect(once.asked).toHaveLength(2);
  const always = open([forgotten, forgotten, forgotten, forgotten]);
  await expect(always.session.post(at("x"))).rejects.toMatchObject({ code: "ENROL_REFUSED" });
  expect(always.asked).toHaveLength(3);
});

it("takes any answer as its form, or refuses it in words", async () => {
  const schema = z.object({ status: z.string() });
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 200, max: 599 }), async (body, status) => {
      const { session } = open([{ status, body: Buffer.from(body) }]);
      try {
        session.read(await session.post(at("x")), schema);
      } catch (cause) {
        expect(cause instanceof AgentError && cause.code.startsWith("ENROL_")).toBe(true);
      }
    }),
  );
});
