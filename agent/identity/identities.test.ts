import { execFileSync } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import tls from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { TellingLogger, tickingClock as clock } from "../testing/index.ts";
import { createIdentityCalls } from "./identity-calls.ts";
import { Identities } from "./identities.ts";
import type { IdentitySource } from "./identity-source.ts";
import { PinDesk } from "./pin-desk.ts";
import { ecP256, makePki, makeRoom, type Pki } from "./pki.suite.ts";
import { makeSoftHsm, type SoftHsm } from "./soft-hsm.suite.ts";

const root = path.resolve(import.meta.dirname, "../..");
const addonPath = path.join(root, "out/native/token-key.node");
const caller = { client: "test", uid: 0, pid: 0, tier: "operate" } as const;
const room = makeRoom();
let pki: Pki;
let hsm: SoftHsm;
const opened: Identities[] = [];

beforeAll(() => {
  execFileSync(process.execPath, [path.join(root, "build/scripts/native.mjs")]);
  pki = makePki(room.dir);
  hsm = makeSoftHsm(room.dir);
}, 60_000);
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});
afterAll(() => room.remove());

/** Identities, their calls, and a person who answers every question with the PIN. */
function open(sources: readonly IdentitySource[], addon = addonPath) {
  const asked: string[] = [];
  const pins = new PinDesk({
    clock,
    onChange: () => {
      for (const { id, identity } of pins.questions()) {
        asked.push(identity);
        queueMicrotask(() => void calls["identity.answer"]({ id, pin: hsm.pin }, caller));
      }
    },
  });
  const identities = new Identities({
    clock,
    logger: new TellingLogger(),
    askPin: pins.ask,
    announceTouch: pins.announceTouch,
    addonPath: addon,
  });
  const calls = createIdentityCalls({
    enrolments: { obtain: () => Promise.reject(new Error("not here")), views: () => [] },
    forgetSessions: () => undefined,
    identities,
    pins,
    hostKeyQuestions: () => [],
    diagnose: () => named,
    clock,
  });
  identities.update(sources);
  opened.push(identities);
  return { identities, calls, asked };
}

const laptop = (): IdentitySource => ({
  kind: "pkcs11",
  name: "laptop",
  uri: "pkcs11:token=portail;object=laptop",
  modulePath: hsm.modulePath,
});

async function serve(): Promise<{ readonly port: number; close(): void }> {
  const server = tls.createServer({ ...pki.server, ca: pki.deviceCa, requestCert: true, allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    socket.resume();
    socket.on("end", () => socket.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as net.AddressInfo).port, close: () => void server.close() };
}

/** Which cause it is, is found out by another room. */
const named = { code: "TLS_UNKNOWN_ISSUER", detail: "" } as const;

describe("an identity", () => {
  it("is enrolled, imported, shown and tested by calls, and asks for its PIN once", async () => {
    const { calls, asked } = open([laptop()]);
    const { request } = await calls["identity.enroll"]({ name: "laptop", commonName: "laptop-17", algorithm: "ec-p384" }, caller);
    const der = Buffer.from(request.split("\n").slice(1, -2).join(""), "base64");
    const shown = await calls["identity.import"]({ name: "laptop", chain: pki.issue(der) }, caller);
    expect(shown).toMatchObject({ state: "ready", subject: "CN=laptop-17", issuer: "CN=devices", key: "ec secp384r1" });
    const server = await serve();
    const trial = { name: "laptop", host: "127.0.0.1", port: server.port, serverName: "localhost", ca: pki.ca };
    const story = await calls["identity.test"](trial, caller);
    server.close();
    expect(story).toMatchObject({ ok: true });
    expect(story.steps.at(-1)?.says).toMatch(/came back with a ticket/);
    const refused = await calls["identity.test"](trial, caller);
    expect(refused.steps.at(-1)).toMatchObject({ ok: false, code: "DIAL_REFUSED" });
    const [token] = await calls["identity.tokens"]({}, caller);
    expect(token).toMatchObject({
      label: "portail",
      loggedIn: true,
      keys: [{ label: "laptop", type: "ec" }],
      certificates: [{ subject: "CN=laptop-17" }],
    });
    expect(asked).toEqual(["laptop"]);
    await calls["identity.forget"]({}, caller);
    expect(calls["identity.list"]({}, caller)).toMatchObject([{ state: "configured", subject: "CN=laptop-17" }]);
  });

  it("takes no certificate of another key", async () => {
    const { calls } = open([laptop()]);
    const other = pki.makeDevice("other", ecP256).cert;
    await expect(calls["identity.import"]({ name: "laptop", chain: other }, caller)).rejects.toMatchObject({ code: "IDENTITY_KEY" });
  });

  it("with a PIN in a file asks nobody, until the file is wrong", async () => {
    const pinPath = path.join(room.dir, "pin");
    fs.writeFileSync(pinPath, `${hsm.pin}\n`);
    const source = { ...laptop(), pinPath } as IdentitySource;
    const right = open([source]);
    expect(await right.identities.show("laptop")).toMatchObject({ state: "ready" });
    expect(right.asked).toEqual([]);
    fs.writeFileSync(pinPath, "not-the-pin");
    const wrong = open([source]);
    expect(await wrong.identities.show("laptop")).toMatchObject({ state: "ready" });
    expect(wrong.asked).toEqual(["laptop"]);
  });

  it("that cannot work says why, and the others are served", async () => {
    const [cert, key] = ["cert.pem", "key.pem"].map((name) => path.join(room.dir, `served-${name}`)) as [string, string];
    const pair = pki.makeDevice("served", ecP256);
    fs.writeFileSync(cert, pair.cert);
    fs.writeFileSync(key, pair.key);
    const { identities } = open([
      { kind: "pkcs11", name: "typo", uri: "pkcs11:tokn=x", modulePath: hsm.modulePath },
      { kind: "tpm2", name: "handle", handle: "0x81000001" },
      { kind: "file", name: "served", certPath: cert, keyPath: key },
    ]);
    expect(identities.list().map(({ name, state }) => [name, state])).toEqual([
      ["typo", "failing"],
      ["handle", "failing"],
      ["served", "configured"],
    ]);
    expect(await identities.show("served")).toMatchObject({ state: "ready", subject: "CN=served" });
    expect(await identities.show("typo")).toMatchObject({ state: "failing", code: "CONFIG_INVALID" });
  });

  it("that did not change keeps its login when the configuration does", async () => {
    const { identities, asked } = open([laptop()]);
    await identities.show("laptop");
    const before = identities.get("laptop");
    identities.update([laptop(), { kind: "file", name: "more", certPath: "/none", keyPath: "/none" }]);
    expect(identities.get("laptop")).toBe(before);
    await identities.show("laptop");
    expect(asked).toEqual(["laptop"]);
    identities.update([]);
    expect(identities.get("laptop")).toBeUndefined();
  });

  it("in a token is an error with a name where the native part was not built", async () => {
    const { identities } = open([laptop()], "/nonexistent/token-key.node");
    const server = await serve();
    const socket = net.connect(server.port, "127.0.0.1");
    const target = { serverName: "localhost", ca: [pki.ca], sessionKey: "x" };
    await expect(identities.get("laptop")?.connectTls(socket, target)).rejects.toMatchObject({ code: "IDENTITY_MODULE" });
    expect(socket.destroyed).toBe(true);
    server.close();
  });
});
