import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { TellingLogger, tickingClock as clock } from "../../testing/index.ts";
import { makePki, makeRoom, type Pki } from "../pki.suite.ts";
import { makeSoftHsm } from "../soft-hsm.suite.ts";
import { TokenHost } from "../token/token-host.ts";
import { TokenKeeper } from "../token/token-keeper.ts";
import { createTokenStore } from "../token-store.ts";
import { Sessions } from "./sessions.ts";
import { ThreadPool } from "./thread-pool.ts";
import { TokenTls } from "./token-tls.ts";

/** Servers that share no code with us, each insisting on a client certificate, met with keys in a SoftHSM token. */
const root = path.resolve(import.meta.dirname, "../../..");
const addonPath = path.join(root, "out/native/token-key.node");
const room = makeRoom();
const children: ChildProcess[] = [];
let pki: Pki;
let host: TokenHost;
let keeper: TokenKeeper;
let pool: ThreadPool;
let plain: net.Server;

beforeAll(async () => {
  execFileSync(process.execPath, [path.join(root, "build/scripts/native.mjs")]);
  pki = makePki(room.dir);
  fs.writeFileSync(path.join(room.dir, "bundle.pem"), pki.server.cert + pki.server.key);
  const hsm = makeSoftHsm(room.dir);
  host = new TokenHost({ modulePath: hsm.modulePath, addonPath, clock, logger: new TellingLogger() });
  keeper = new TokenKeeper({ host, clock, announceTouch: () => undefined, askPin: () => Promise.resolve(Buffer.from(hsm.pin)) });
  pool = new ThreadPool({ addonPath, clock });
  const token = { label: hsm.label };
  for (const [id, algorithm] of [
    ["01", "ec-p256"],
    ["02", "rsa-2048"],
  ] as const) {
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
  plain = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end("HTTP/1.0 200 OK\r\n\r\nbehind stunnel"));
  });
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
}, 60_000);
afterEach(async () => {
  for (const child of children.splice(0)) {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }
});
afterAll(async () => {
  plain.close();
  await pool.close();
  host.close();
  room.remove();
});

interface Place {
  readonly port: number;
  readonly file: (name: string) => string;
  readonly version: "TLSv1.2" | "TLSv1.3";
}

const write = (file: string, text: string): string => {
  fs.writeFileSync(file, text);
  return file;
};

/** How each is started: program and words. */
const servers: Readonly<Record<string, (place: Place) => readonly string[]>> = {
  nginx: ({ port, file, version }) => [
    "nginx",
    "-p",
    room.dir,
    "-c",
    write(
      file("nginx.conf"),
      `daemon off; master_process off; pid ${file("nginx.pid")}; error_log /dev/null;\nevents {}\nhttp { access_log off; client_body_temp_path ${file("body")}; proxy_temp_path ${file("proxy")}; fastcgi_temp_path ${file("fastcgi")}; uwsgi_temp_path ${file("uwsgi")}; scgi_temp_path ${file("scgi")};\nserver { listen 127.0.0.1:${port} ssl; ssl_protocols ${version}; ssl_certificate ${file("localhost.pem")}; ssl_certificate_key ${file("localhost.key")}; ssl_client_certificate ${file("devices.pem")}; ssl_verify_client on; location / { return 200 "$ssl_client_s_dn"; } } }\n`,
    ),
  ],
  haproxy: ({ port, file, version }) => [
    "haproxy",
    "-q",
    "-f",
    write(
      file("haproxy.cfg"),
      `defaults\n  mode http\n  timeout client 10s\n  timeout server 10s\n  timeout connect 10s\nfrontend f\n  bind 127.0.0.1:${port} ssl crt ${file("bundle.pem")} ca-file ${file("devices.pem")} verify required ssl-min-ver ${version} ssl-max-ver ${version}\n  http-request return status 200 content-type text/plain lf-string "%[ssl_c_s_dn(cn)]"\n`,
    ),
  ],
  stunnel: ({ port, file, version }) => [
    "stunnel",
    write(
      file("stunnel.conf"),
      `foreground = yes\npid =\n[t]\naccept = 127.0.0.1:${port}\nconnect = 127.0.0.1:${(plain.address() as net.AddressInfo).port}\ncert = ${file("bundle.pem")}\nCAfile = ${file("devices.pem")}\nverifyChain = yes\nrequireCert = yes\nsslVersion = ${version}\n`,
    ),
  ],
  openssl: ({ port, file, version }) => {
    const certificates = ["-cert", file("localhost.pem"), "-key", file("localhost.key"), "-CAfile", file("devices.pem")];
    return [
      "openssl",
      "s_server",
      "-accept",
      `127.0.0.1:${port}`,
      ...certificates,
      "-Verify",
      "1",
      "-verify_return_error",
      "-www",
      version === "TLSv1.2" ? "-tls1_2" : "-tls1_3",
    ];
  },
  gnutls: ({ port, file, version }) => {
    const certificates = [
      "--x509certfile",
      file("localhost.pem"),
      "--x509keyfile",
      file("localhost.key"),
      "--x509cafile",
      file("devices.pem"),
    ];
    const priority = `NORMAL:-VERS-ALL:+VERS-${version === "TLSv1.2" ? "TLS1.2" : "TLS1.3"}`;
    return [
      "gnutls-serv",
      "--quiet",
      "--http",
      "-p",
      `${port}`,
      ...certificates,
      "--require-client-cert",
      "--verify-client-cert",
      "--priority",
      priority,
    ];
  },
};

const open = (port: number) =>
  new Promise<net.Socket>((resolve, reject) => {
    const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () => resolve(socket));
    socket.once("error", reject);
  });

async function start(name: string, version: Place["version"]): Promise<number> {
  const probe = net.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const { port } = probe.address() as net.AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const [command = "", ...words] = servers[name]?.({ port, version, file: (one) => path.join(room.dir, one) }) ?? [];
  children.push(spawn(command, words, { stdio: "ignore" }));
  const isUp = () =>
    open(port).then(
      (socket) => Boolean(socket.destroy()),
      () => false,
    );
  await expect.poll(isUp, { timeout: 10_000 }).toBe(true);
  return port;
}

async function ask(stream: NodeJS.ReadWriteStream): Promise<string> {
  stream.write("GET / HTTP/1.0\r\nHost: localhost\r\n\r\n");
  let text = "";
  for await (const chunk of stream) {
    text += String(chunk);
    if (/\r\n\r\n[^]+/.test(text)) break;
  }
  return text;
}

describe.each(Object.keys(servers))("%s", (name) => {
  it.each([
    ["TLSv1.2", "ec-p256"],
    ["TLSv1.2", "rsa-2048"],
    ["TLSv1.3", "ec-p256"],
    ["TLSv1.3", "rsa-2048"],
  ] as const)("is reached by %s with %s in a token, again and again", async (version, label) => {
    const port = await start(name, version);
    const store = createTokenStore({ name: label, kind: "pkcs11", uri: { token: { label: "portail" }, key: { label } }, keeper });
    const identity = new TokenTls({ store, pool, sessions: new Sessions(clock), clock });
    const target = { serverName: "localhost", ca: [pki.ca], sessionKey: `${name} ${port}`, reopen: () => open(port) };
    for (let at = 0; at < 3; at += 1) {
      const { stream, protocol } = await identity.connectTls(await open(port), target);
      expect(protocol).toBe(version);
      expect(await ask(stream)).toMatch(/^HTTP\/1\.\d 200/i);
      stream.end();
    }
  });
});
