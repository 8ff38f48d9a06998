import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import type { Authority } from "../../agent/testing/index.ts";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { type ForeignProxy, running } from "./proxies.ts";

export type TlsVersion = "1.2" | "1.3";

export interface FrontOptions {
  readonly dir: string;
  /** The port of the plain server behind it. */
  readonly behind: number;
  readonly version: TlsVersion;
  /** Whose clients are let in; its certificate for `gw.test` is shown. */
  readonly authority: Authority;
}

interface Place extends FrontOptions {
  readonly port: number;
  readonly cert: string;
  readonly key: string;
}

/** Programs of others that end TLS, insist on a client certificate, and pass on what is inside. */
export const frontNames = ["nginx", "haproxy", "stunnel", "openssl", "gnutls"] as const;
export type FrontName = (typeof frontNames)[number];

export interface TlsFront extends ForeignProxy {
  /** Throws while it cannot take a client. */
  ready(): void;
}

export async function startFront(name: FrontName, options: FrontOptions): Promise<TlsFront> {
  const place = { ...options, port: await freePort(), ...options.authority.issue("front", { names: ["DNS:gw.test"] }) };
  if (name === "openssl") return startSServer(place);
  const [command, ...words] = commands[name](place);
  return { ...(await running(spawn(command, words, { stdio: "ignore" }), place.port)), ready: () => undefined };
}

const commands: { readonly [N in Exclude<FrontName, "openssl">]: (place: Place) => readonly [string, ...string[]] } = {
  nginx: (place) => ["nginx", "-p", place.dir, "-c", write(place, "nginx", nginxLines(place))],
  haproxy: (place) => ["haproxy", "-q", "-db", "-f", write(place, "haproxy", haproxyLines(place))],
  stunnel: (place) => ["stunnel", write(place, "stunnel", stunnelLines(place))],
  gnutls: ({ dir, port, behind, cert, key, authority, version }) => {
    const priority = `NORMAL:-VERS-ALL:+VERS-TLS${version}`;
    return [compileGnutlsFront(dir), `${port}`, `${behind}`, cert, key, authority.cert, priority];
  },
};

function nginxLines({ dir, port, behind, version, cert, key, authority }: Place): string[] {
  return [
    "load_module /usr/lib/nginx/modules/ngx_stream_module.so;",
    `daemon off; master_process off; pid ${path.join(dir, `nginx-${port}.pid`)}; error_log /dev/null; events {}`,
    `stream { server { listen 127.0.0.1:${port} ssl; ssl_protocols TLSv${version}; ssl_certificate ${cert}; ssl_certificate_key ${key};`,
    `ssl_client_certificate ${authority.cert}; ssl_verify_client on; proxy_pass 127.0.0.1:${behind}; } }`,
  ];
}

function haproxyLines({ dir, port, behind, version, cert, key, authority }: Place): string[] {
  const bundle = path.join(dir, `haproxy-${port}.pem`);
  fs.writeFileSync(bundle, fs.readFileSync(cert, "utf8") + fs.readFileSync(key, "utf8"));
  const bind = `ssl crt ${bundle} ca-file ${authority.cert} verify required ssl-min-ver TLSv${version} ssl-max-ver TLSv${version}`;
  return [
    "defaults",
    " mode tcp",
    " timeout connect 5s",
    " timeout client 30s",
    " timeout server 30s",
    "listen front",
    ` bind 127.0.0.1:${port} ${bind}`,
    ` server s 127.0.0.1:${behind}`,
  ];
}

function stunnelLines({ port, behind, version, cert, key, authority }: Place): string[] {
  const tls = [`cert = ${cert}`, `key = ${key}`, `CAfile = ${authority.cert}`, "verifyChain = yes", "requireCert = yes"];
  const ends = [`accept = 127.0.0.1:${port}`, `connect = 127.0.0.1:${behind}`];
  return ["foreground = yes", "pid =", "syslog = no", "[front]", ...ends, ...tls, `sslVersion = TLSv${version}`];
}

function write({ dir, port }: Place, name: string, lines: readonly string[]): string {
  const file = path.join(dir, `${name}-${port}.conf`);
  fs.writeFileSync(file, [...lines, ""].join("\n"));
  return file;
}

function compileGnutlsFront(dir: string): string {
  const program = path.join(dir, "gnutls-front");
  if (!fs.existsSync(program)) execFileSync("cc", ["-O1", "-o", program, path.join(import.meta.dirname, "gnutls-front.c"), "-lgnutls"]);
  return program;
}

/**
 * OpenSSL's own server passes nothing on: it connects its terminal with one client at a time. So its terminal is connected with the plain
 * server, anew for each client.
 */
async function startSServer({ port, behind, version, cert, key, authority }: Place): Promise<TlsFront> {
  const words = ["s_server", "-quiet", "-accept", `127.0.0.1:${port}`, "-cert", cert, "-key", key, "-CAfile", authority.cert];
  const how = ["-Verify", "1", "-verify_return_error", "-no_ticket", "-num_tickets", "0", "-no_cache", `-tls${version.replace(".", "_")}`];
  const child = spawn("openssl", [...words, ...how], { stdio: ["pipe", "pipe", "ignore"] });
  let plain: net.Socket | undefined;
  child.stdin.on("error", () => undefined);
  child.stdout.on("data", (chunk: Buffer) => {
    plain ??= connectPlain(behind, child);
    plain.write(chunk);
  });
  const ready = (): void => {
    const { listeners, held } = socketsOn(port);
    if (listeners !== 1 || held > 0) throw new Error(`the server on ${port} cannot take a client`);
    plain?.destroy();
    plain = undefined;
  };
  await eventually(ready);
  return {
    port,
    ready,
    close: async () => {
      const gone = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGKILL");
      plain?.destroy();
      await gone;
    },
  };
}

function connectPlain(port: number, child: ChildProcess): net.Socket {
  const plain = net.connect(port, "127.0.0.1");
  plain.on("error", () => undefined);
  plain.on("data", (chunk) => child.stdin?.write(chunk));
  return plain;
}

/** Told by the system, because a connection would be taken for a client. Connections that no program holds any more have no inode. */
function socketsOn(port: number): { readonly listeners: number; readonly held: number } {
  const lines = fs.readFileSync("/proc/net/tcp", "utf8").trim().split("\n").slice(1);
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const states = lines
    .map((line) => line.trim().split(/\s+/))
    .filter((words) => words[1]?.endsWith(local) === true && words[9] !== "0")
    .map((words) => words[3]);
  return { listeners: states.filter((state) => state === "0A").length, held: states.filter((state) => state !== "0A").length };
}
