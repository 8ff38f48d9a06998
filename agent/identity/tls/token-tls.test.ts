import { X509Certificate } from "node:crypto";
import net from "node:net";
import { execFileSync } from "node:child_process";
import path from "node:path";
import tls from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { TellingLogger, tickingClock } from "../../testing/index.ts";
import { makePki, makeRoom, type Pki } from "../pki.suite.ts";
import { makeSoftHsm } from "../soft-hsm.suite.ts";
import { TokenHost } from "../token/token-host.ts";
import { TokenKeeper } from "../token/token-keeper.ts";
import { createTokenStore } from "../token-store.ts";
import { Sessions } from "./sessions.ts";
import { ThreadPool } from "./thread-pool.ts";
import { TokenTls } from "./token-tls.ts";
import type { TlsTarget } from "./tls-identity.ts";

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

beforeAll(async () => {
  execFileSync(process.execPath, [path.join(root, "build/scripts/native.mjs")]);
  pki = makePki(room.dir);
  const hsm = makeSoftHsm(room.dir);
  host = new TokenHost({ modulePath: hsm.modulePath, clock, logger: new TellingLogger() });
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
    const { request } = await keeper.ask<"request">({ op: "request", pick: { token, key: { id } }, commonName: algorithm }, "x");
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
});

/** A server that answers every connection with the name of its client and whether it came back with a ticket. */
async function serve(options: tls.TlsOptions = {}): Promise<number> {
  const server = tls.createServer(
    { ...pki.server, ca: pki.deviceCa, requestCert: true, rejectUnauthorized: true, ...options },
    (socket) => {
      socket.on("error", () => undefined);
      const subject = String(socket.getPeerCertificate().subject.CN);
      socket.once("data", (data) => socket.end(`${subject} ${String(data)}`));
    },
  );
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  return (server.address() as net.AddressInfo).port;
}

const open = (port: number) =>
  new Promise<net.Socket>((resolve, reject) => {
    const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () => resolve(socket));
    socket.once("error", reject);
  });

function identityOf(label: string): TokenTls {
  const store = createTokenStore({ name: label, kind: "pkcs11", uri: { token: { label: "portail" }, key: { label } }, keeper });
  return new TokenTls({ store, pool, sessions: new Sessions(clock), clock });
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
