import { constants, randomBytes, X509Certificate } from "node:crypto";
import net from "node:net";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import tls from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { AgentError } from "../../base/index.ts";
import { TellingLogger, tickingClock } from "../../testing/index.ts";
import type { ClientKey, KeyStore } from "../key-store.ts";
import { makePki, makeRoom, type Pki } from "../pki.suite.ts";
import { makeSoftHsm } from "../soft-hsm.suite.ts";
import { TokenHost } from "../token/token-host.ts";
import { TokenKeeper } from "../token/token-keeper.ts";
import { createTokenStore } from "../token-store.ts";
import { Sessions } from "./sessions.ts";
import { ThreadPool } from "./thread-pool.ts";
import { TokenTls } from "./token-tls.ts";
import { TlsFailed, type TlsTarget } from "./tls-identity.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const addonPath = path.join(root, "out/native/token-key.node");
const clock = tickingClock;
const room = makeRoom();
let pki: Pki;
let host: TokenHost;
let keeper: TokenKeeper;
let pool: ThreadPool;
let pins = 0;
const closers: (() => void)[] = [];
const servers: tls.Server[] = [];

beforeAll(async () => {
  execFileSync(process.execPath, [path.join(root, "build/scripts/native.mjs")]);
  pki = makePki(room.dir);
  const hsm = makeSoftHsm(room.dir);
  host = new TokenHost({ modulePath: hsm.modulePath, addonPath, clock, logger: new TellingLogger() });
  keeper = new TokenKeeper({
    host,
    clock,
    announceTouch: () => undefined,
    askPin: () => {
      pins += 1;
      return Promise.resolve(Buffer.from(hsm.pin));
    },
  });
  pool = new ThreadPool({ addonPath, clock });
  for (const [id, algorithm] of [
    ["01", "ec-p256"],
    ["02", "ec-p384"],
    ["03", "rsa-2048"],
  ] as const) {
    const token = { label: hsm.label };
    await keeper.ask<"generate">({ op: "generate", token, label: algorithm, id, algorithm }, "x");
    const { request } = await keeper.ask<"request">(
      { op: "request", pick: { token, key: { id } }, wanted: { commonName: algorithm } },
      "x",
    );
    await keeper.ask<"import">(
      { op: "import", token, id, label: algorithm, certificate: new X509Certificate(pki.issue(request)).raw },
      "x",
    );
  }
}, 60_000);

afterAll(async () => {
  await pool.close();
  host.close();
  room.remove();
});

afterEach(() => {
  for (const close of closers.splice(0)) close();
  servers.length = 0;
});

/** A server that answers every connection with the name of its client and whether it came back with a ticket. */
async function serve(options: tls.TlsOptions = {}, act = greet): Promise<number> {
  const server = tls.createServer(
    { ...pki.server, ca: pki.deviceCa, requestCert: true, rejectUnauthorized: true, allowHalfOpen: true, ...options },
    (socket) => {
      socket.on("error", () => undefined);
      act(socket);
    },
  );
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push(server);
  closers.push(() => server.close());
  return (server.address() as net.AddressInfo).port;
}

function greet(socket: tls.TLSSocket): void {
  const subject = String(socket.getPeerCertificate().subject?.CN ?? "nobody");
  socket.once("data", (data) => socket.end(`${subject} ${String(data)}`));
}

const open = (port: number) =>
  new Promise<net.Socket>((resolve, reject) => {
    const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () => resolve(socket));
    socket.once("error", reject);
  });

const identityStore = (label: string): KeyStore =>
  createTokenStore({ name: label, kind: "pkcs11", uri: { token: { label: "portail" }, key: { label } }, keeper });

const identityWith = (store: KeyStore, sessions = new Sessions(clock)): TokenTls => new TokenTls({ store, pool, sessions, clock });
const identityOf = (label: string): TokenTls => identityWith(identityStore(label));

/** The same store, slower by `delayMs`, and how often its key was used. */
function countSignatures(store: KeyStore, delayMs = 0): { readonly store: KeyStore; readonly count: () => number } {
  let count = 0;
  const open = async (): Promise<ClientKey> => {
    const key = await store.open();
    return {
      ...key,
      sign: async (request) => {
        count += 1;
        await new Promise((resolve) => setTimeout(resolve, delayMs));
        return key.sign(request);
      },
    };
  };
  return { store: { ...store, open }, count: () => count };
}

const targetOf = (port: number, more: Partial<TlsTarget> = {}): TlsTarget => ({
  serverName: "localhost",
  ca: [pki.ca],
  sessionKey: `${port}`,
  ...more,
});

async function talk(stream: NodeJS.ReadWriteStream): Promise<string> {
  stream.end("hello");
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}

describe.each(["TLSv1.2", "TLSv1.3"] as const)("%s with a key in a token", (version) => {
  it.each(["ec-p256", "ec-p384", "rsa-2048"])("%s reaches a server that insists on it", async (label) => {
    const port = await serve({ maxVersion: version, minVersion: version });
    const connection = await identityOf(label).connectTls(await open(port), targetOf(port));
    expect(connection).toMatchObject({ protocol: version, resumed: false, carriedBy: "worker" });
    expect(await talk(connection.stream)).toBe(`${label} hello`);
  });

  it("moves to the main thread with the tickets of its first handshake, and stays there", async () => {
    const port = await serve({ maxVersion: version, minVersion: version });
    const identity = identityOf("ec-p256");
    const target = targetOf(port, { reopen: () => open(port) });
    for (let count = 0; count < 3; count += 1) {
      const connection = await identity.connectTls(await open(port), target);
      expect(connection).toMatchObject({ protocol: version, resumed: true, carriedBy: "main" });
      expect(await talk(connection.stream)).toBe("ec-p256 hello");
    }
  });
});

/** What a person notices: the longest time for which this thread did nothing else. */
async function longestStallMs(work: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  return delay.max / 1e6;
}

describe("a token", () => {
  it("signs once for many connections that begin at the same time", async () => {
    const port = await serve();
    const store = identityStore("ec-p256");
    const counting = countSignatures(store);
    const identity = identityWith(counting.store);
    const target = targetOf(port, { reopen: () => open(port) });
    const before = pins;
    const texts = await Promise.all(
      Array.from({ length: 50 }, async () => talk((await identity.connectTls(await open(port), target)).stream)),
    );
    expect(new Set(texts)).toEqual(new Set(["ec-p256 hello"]));
    expect(counting.count()).toBe(1);
    expect(pins - before).toBeLessThanOrEqual(1);
  });

  it("that takes its time stalls nothing but the connection that waits for it", async () => {
    const port = await serve();
    const slow = countSignatures(identityStore("ec-p256"), 1000);
    const identity = identityWith(slow.store);
    const stall = await longestStallMs(async () => talk((await identity.connectTls(await open(port), targetOf(port))).stream));
    expect(slow.count()).toBe(1);
    expect(stall).toBeLessThan(500);
  });

  it("that refuses fails the handshake with its own reason, and the thread serves again", async () => {
    const port = await serve();
    const store = identityStore("ec-p256");
    const refusing: KeyStore = {
      ...store,
      open: async () => ({ ...(await store.open()), sign: () => Promise.reject(new AgentError("IDENTITY_ABSENT", "it is gone")) }),
    };
    const broken = identityWith(refusing);
    await expect(broken.connectTls(await open(port), targetOf(port))).rejects.toMatchObject({ code: "IDENTITY_ABSENT" });
    expect(await talk((await identityOf("ec-p256").connectTls(await open(port), targetOf(port))).stream)).toBe("ec-p256 hello");
  });
});

describe("a ticket", () => {
  it("that the server refuses is noticed before the first byte, and the key is used again", async () => {
    const port = await serve({ ticketKeys: Buffer.alloc(48, 1) });
    const identity = identityOf("ec-p256");
    const target = targetOf(port, { reopen: () => open(port) });
    await talk((await identity.connectTls(await open(port), target)).stream);
    for (const server of servers) server.setTicketKeys(Buffer.alloc(48, 2));
    const again = await identity.connectTls(await open(port), target);
    expect(await talk(again.stream)).toBe("ec-p256 hello");
  });

  it("that is refused by a server that does not insist on a certificate never makes us anonymous", async () => {
    const port = await serve({ ticketKeys: Buffer.alloc(48, 1), rejectUnauthorized: false });
    const identity = identityOf("ec-p256");
    const target = targetOf(port, { reopen: () => open(port) });
    await talk((await identity.connectTls(await open(port), target)).stream);
    for (const server of servers) server.setTicketKeys(Buffer.alloc(48, 2));
    for (let count = 0; count < 3; count += 1) {
      expect(await talk((await identity.connectTls(await open(port), target)).stream)).toBe("ec-p256 hello");
    }
  });

  it("without a way to open another connection is a failure that is safe to try again", async () => {
    const port = await serve({ ticketKeys: Buffer.alloc(48, 1) });
    const identity = identityOf("ec-p256");
    const target = targetOf(port);
    await talk((await identity.connectTls(await open(port), target)).stream);
    for (const server of servers) server.setTicketKeys(Buffer.alloc(48, 2));
    await expect(identity.connectTls(await open(port), target)).rejects.toMatchObject({ code: "DIAL_RESET" });
    expect(await talk((await identity.connectTls(await open(port), target)).stream)).toBe("ec-p256 hello");
  });

  it("that the server never gives leaves the connection in its thread", async () => {
    const port = await serve({ secureOptions: constants.SSL_OP_NO_TICKET, maxVersion: "TLSv1.2", sessionIdContext: "none" });
    const identity = identityOf("rsa-2048");
    const target = targetOf(port, { reopen: () => open(port) });
    for (let count = 0; count < 2; count += 1) {
      const connection = await identity.connectTls(await open(port), target);
      expect(await talk(connection.stream)).toBe("rsa-2048 hello");
    }
  });

  it("is worth nothing after the sessions were flushed, or for another key of trust", async () => {
    const port = await serve();
    const sessions = new Sessions(clock);
    const counting = countSignatures(identityStore("ec-p256"));
    const identity = identityWith(counting.store, sessions);
    await talk((await identity.connectTls(await open(port), targetOf(port))).stream);
    await talk((await identity.connectTls(await open(port), targetOf(port))).stream);
    expect(counting.count()).toBe(1);
    sessions.flush();
    await talk((await identity.connectTls(await open(port), targetOf(port))).stream);
    await talk((await identity.connectTls(await open(port), targetOf(port, { sessionKey: "another policy" }))).stream);
    expect(counting.count()).toBe(3);
  });
});

describe("a server", () => {
  it("that is not trusted, or has another name, is never shown a payload byte", async () => {
    const port = await serve();
    const identity = identityOf("ec-p256");
    await expect(identity.connectTls(await open(port), targetOf(port, { ca: [pki.deviceCa] }))).rejects.toBeInstanceOf(TlsFailed);
    await expect(identity.connectTls(await open(port), targetOf(port, { serverName: "other.test" }))).rejects.toMatchObject({
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
  });

  it("that is not trusted is refused whatever the environment says about certificates", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    // Threads take the environment over when they begin.
    const own = new ThreadPool({ addonPath, clock });
    try {
      const port = await serve();
      const identity = new TokenTls({ store: identityStore("ec-p256"), pool: own, sessions: new Sessions(clock), clock });
      await expect(identity.connectTls(await open(port), targetOf(port, { ca: [pki.deviceCa] }))).rejects.toBeInstanceOf(TlsFailed);
    } finally {
      await own.close();
      vi.unstubAllEnvs();
    }
  });

  it("that the caller's own check refuses is refused with the caller's own reason", async () => {
    const port = await serve();
    const why = new Error("pinned otherwise");
    const target = targetOf(port, { checkPeer: () => why });
    await expect(identityOf("ec-p256").connectTls(await open(port), target)).rejects.toBe(why);
  });

  it("that does not know our issuer is heard", async () => {
    const port = await serve({ ca: pki.ca, maxVersion: "TLSv1.2" });
    await expect(identityOf("ec-p256").connectTls(await open(port), targetOf(port))).rejects.toBeInstanceOf(TlsFailed);
  });

  it("that speaks no TLS, or says nothing, is an error in time", async () => {
    const mute = net.createServer((socket) => void socket.resume()).listen(0, "127.0.0.1");
    await new Promise((resolve) => mute.once("listening", resolve));
    closers.push(() => mute.close());
    const { port } = mute.address() as net.AddressInfo;
    const socket = await open(port);
    await expect(identityOf("ec-p256").connectTls(socket, targetOf(port, { timeoutMs: 300 }))).rejects.toMatchObject({ code: "ETIMEDOUT" });
    expect(socket.destroyed).toBe(true);
  });
});

describe("a connection that is carried by a thread", () => {
  it("moves megabytes in both directions and keeps half-close", async () => {
    const payload = randomBytes(5_000_000);
    const port = await serve({}, (socket) => void socket.pipe(socket));
    const { stream, carriedBy } = await identityOf("ec-p256").connectTls(await open(port), targetOf(port));
    expect(carriedBy).toBe("worker");
    stream.end(payload);
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).equals(payload)).toBe(true);
  });
});
