import { once } from "node:events";
import fs from "node:fs";
import https from "node:https";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type Authority, createAuthority, StillClock } from "../../testing/index.ts";
import { createAskEndpoint } from "./ask-endpoint.ts";

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-ask-"));
let authority: Authority;
let server: https.Server;
const heard: unknown[] = [];
beforeAll(async () => {
  authority = createAuthority(dir);
  const { cert, key } = authority.issue("ca.test", { names: ["DNS:ca.test"] });
  server = https.createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key) }, (request, response) => {
    heard.push(request.headers.authorization);
    response.end("hello");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterEach(() => {
  vi.unstubAllEnvs();
  heard.length = 0;
});
afterAll(() => {
  server.close();
  fs.rmSync(dir, { recursive: true });
});

const ask = (trust: Parameters<typeof createAskEndpoint>[0]) =>
  createAskEndpoint(trust, { clock: new StillClock(), diagnose: () => ({ code: "TLS_UNKNOWN_ISSUER", detail: "no" }) })({
    method: "GET",
    url: new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    headers: { authorization: "Basic c2VjcmV0" },
    signal: new AbortController().signal,
  });

test("an endpoint that is recognised is asked", async () => {
  const answer = await ask({ ca: [fs.readFileSync(authority.cert, "utf8")], serverName: "ca.test" });
  expect([answer.status, answer.body.toString(), heard]).toEqual([200, "hello", ["Basic c2VjcmV0"]]);
});

test("one that is not gets no password, whatever the environment says about certificates", async () => {
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  await expect(ask({ serverName: "ca.test" })).rejects.toMatchObject({ code: "TLS_UNKNOWN_ISSUER" });
  await expect(ask({ ca: [fs.readFileSync(authority.cert, "utf8")], serverName: "other.test" })).rejects.toMatchObject({
    code: "TLS_UNKNOWN_ISSUER",
  });
  expect(heard).toEqual([]);
});
