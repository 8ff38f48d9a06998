import { once } from "node:events";
import fs from "node:fs";
import https from "node:https";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type Authority, createAuthority } from "../testing/index.ts";
import { fetchText } from "./fetch-text.ts";

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-fetch-"));
let authority: Authority;
let server: https.Server;
beforeAll(async () => {
  authority = createAuthority(dir);
  const { cert, key } = authority.issue("pac.test", { names: ["IP:127.0.0.1"] });
  server = https.createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key) }, (_request, response) => response.end("text"));
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => {
  server.close();
  fs.rmSync(dir, { recursive: true });
});

const fetch = (ca?: readonly string[]) =>
  fetchText(`https://127.0.0.1:${(server.address() as AddressInfo).port}/proxy.pac`, { ca, timeoutMs: 10_000, maxBytes: 1024 });

test("the text of a server that is recognised is taken", async () => {
  expect(await fetch([fs.readFileSync(authority.cert, "utf8")])).toBe("text");
});

test("that of another is not, whatever the environment says about certificates", async () => {
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  await expect(fetch()).rejects.toMatchObject({ code: "DIAL_BACKEND_DOWN" });
});
