import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import tls from "node:tls";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { ClientCertificate } from "../../connection/index.ts";
import { type Acceptor, acceptLoop, Wheel } from "../../net/index.ts";
import { type Authority, createAuthority, type Issued, StillClock, TellingLogger } from "../../testing/index.ts";
import { assertServerTls, namesOf, type ServerTls, TlsDoor } from "./tls-door.ts";

const pem = (file: string) => fs.readFileSync(file, "utf8");
let dir: string;
let authority: Authority;
let server: Issued;
let laptop: Issued;
let acceptor: Acceptor | undefined;

beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-door-"));
  authority = createAuthority(dir);
  server = authority.issue("gw", { names: ["DNS:gw.test"] });
  laptop = authority.issue("laptop", { use: "clientAuth", names: ["DNS:laptop.test", "URI:spiffe://lab/laptop"] });
});
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));
afterEach(() => acceptor?.close(0));

const ours = (more: Partial<ServerTls> = {}): ServerTls => ({
  cert: pem(server.cert),
  key: pem(server.key),
  clientCa: pem(authority.cert),
  ...more,
});

async function open(serverTls = ours(), alpn: readonly string[] = ["h2", "http/1.1"]) {
  const welcomed: (ClientCertificate | undefined)[] = [];
  const away: string[] = [];
  const clock = new StillClock();
  clock.time = Date.now();
  const wheel = new Wheel(clock);
  const door = new TlsDoor(serverTls, {
    clock,
    wheel,
    handshakeMs: 10_000,
    alpn,
    welcome: (leg, certificate) => {
      welcomed.push(certificate);
      leg.write("hello");
      leg.finish();
    },
    turnedAway: (_leg, code, detail) => void away.push(`${code}: ${detail}`),
  });
  const logger = new TellingLogger();
  acceptor = await acceptLoop({
    listen: [{ kind: "tcp", host: "127.0.0.1", port: 0 }],
    maxConnections: 10,
    onLeg: (leg) => door.open(leg),
    wheel,
    logger,
  });
  return { door, welcomed, away, port: acceptor.bound[0]?.port ?? 0 };
}

/** What the server says to who comes like this; empty when it says nothing. */
function come(port: number, options: tls.ConnectionOptions = {}): Promise<string> {
  return new Promise((resolve) => {
    let heard = "";
    const socket = tls.connect({ host: "127.0.0.1", port, servername: "gw.test", ca: pem(authority.cert), ...options });
    socket.on("data", (chunk: Buffer) => (heard += chunk.toString()));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(heard));
  });
}

const as = ({ cert, key }: Issued) => ({ cert: pem(cert), key: pem(key) });

test.each(["TLSv1.2", "TLSv1.3"] as const)("who shows an accepted certificate is let in and described (%s)", async (version) => {
  const { port, welcomed } = await open();
  expect(await come(port, { ...as(laptop), maxVersion: version })).toBe("hello");
  expect(welcomed).toEqual([
    {
      subject: "O=Lab, CN=laptop",
      issuer: "O=Lab, CN=Lab CA",
      sans: ["DNS:laptop.test", "URI:spiffe://lab/laptop"],
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
    },
  ]);
});

test("without a certificate, with a stranger's, an expired or a revoked one nobody is let in", async () => {
  const revoked = authority.issue("revoked", { use: "clientAuth" });
  authority.revoke(revoked);
  const { port, welcomed, away } = await open(ours({ crl: pem(authority.crl()) }));
  const stranger = createAuthority(dir, "Other CA").issue("laptop", { use: "clientAuth" });
  const expired = authority.issue("old", { use: "clientAuth", fromDays: -20, untilDays: -10 });
  expect(await come(port)).toBe("");
  for (const one of [stranger, expired, revoked, server]) expect(await come(port, as(one))).toBe("");
  expect(welcomed).toEqual([]);
  expect(away.map((line) => line.replace(/^(\w+): .*?(\w+)$/, "$1 $2"))).toEqual([
    "TLS_CLIENT_UNVERIFIED ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE",
    "TLS_CLIENT_UNVERIFIED UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "TLS_CLIENT_UNVERIFIED CERT_HAS_EXPIRED",
    "TLS_CLIENT_UNVERIFIED CERT_REVOKED",
    "TLS_CLIENT_UNVERIFIED INVALID_PURPOSE",
  ]);
});

test("in clear nothing is said", async () => {
  const { port, welcomed, away } = await open();
  for (const words of ["GET http://a/ HTTP/1.1\r\n\r\n", "\x05\x01\x00"]) {
    const heard = await new Promise<string>((resolve) => {
      let said = "";
      const socket = net.connect(port, "127.0.0.1", () => void socket.write(words, "latin1"));
      socket.on("data", (chunk: Buffer) => (said += chunk.toString()));
      socket.on("error", () => undefined);
      socket.on("close", () => resolve(said));
    });
    expect(heard).toBe("");
  }
  expect(welcomed).toEqual([]);
  expect(away).toEqual(["TLS_REQUIRED: the first byte is 71", "TLS_REQUIRED: the first byte is 5"]);
});

test("renewed certificates serve the next handshake, and old tickets are worth nothing", async () => {
  const { door, port, welcomed } = await open();
  const sessions: Buffer[] = [];
  const first = await new Promise<string>((resolve) => {
    const socket = tls.connect({ host: "127.0.0.1", port, servername: "gw.test", ca: pem(authority.cert), ...as(laptop) });
    socket.on("session", (session) => sessions.push(session));
    socket.on("data", () => undefined);
    socket.on("close", () => resolve("closed"));
  });
  expect(first).toBe("closed");
  const [session] = sessions;
  authority.revoke(laptop);
  door.renew(ours({ crl: pem(authority.crl()) }));
  expect(await come(port, { ...as(laptop), ...(session === undefined ? {} : { session }) })).toBe("");
  expect(welcomed).toHaveLength(1);
  const other = authority.issue("phone", { use: "clientAuth" });
  expect(await come(port, as(other))).toBe("hello");
});

test("certificate and key that do not fit are refused before anything is opened", async () => {
  expect(() => assertServerTls(ours({ key: pem(laptop.key) }))).toThrow("CONFIG_INVALID");
});

test("a name that pretends to be several stays one", () => {
  expect(namesOf('DNS:a.example, DNS:"b.example\\", DNS:evil.example", URI:spiffe://x/y')).toEqual([
    "DNS:a.example",
    'DNS:b.example", DNS:evil.example',
    "URI:spiffe://x/y",
  ]);
});

test("HTTP/2 is agreed on with who offers it, HTTP/1.1 with who offers no better, and nothing with who does not ask", async () => {
  const { port } = await open(ours(), ["h2", "http/1.1"]);
  const agreed = async (ALPNProtocols?: string[]) => {
    const socket = tls.connect({
      host: "127.0.0.1",
      port,
      servername: "gw.test",
      ca: pem(authority.cert),
      ...as(laptop),
      ...(ALPNProtocols === undefined ? {} : { ALPNProtocols }),
    });
    socket.on("error", () => undefined);
    await once(socket, "secureConnect");
    socket.destroy();
    return socket.alpnProtocol;
  };
  expect([await agreed(["http/1.1", "h2"]), await agreed(["http/1.1"]), await agreed()]).toEqual(["h2", "http/1.1", false]);
});
