import http from "node:http";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { AgentError, type Clock, formatCause } from "../../base/index.ts";
import type { DiagnoseTls } from "../tell-handshake.ts";
import { TlsFailed, type TlsIdentity } from "../tls/tls-identity.ts";

export interface Exchange {
  readonly method: "GET" | "HEAD" | "POST";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Shown to the endpoint. */
  readonly identity?: TlsIdentity;
  readonly signal: AbortSignal;
}

export interface EndpointAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** One question over HTTPS. Rejects with AgentError (ENROL_UNREACHABLE, TLS_*, IDENTITY_*). */
export type AskEndpoint = (exchange: Exchange) => Promise<EndpointAnswer>;

export interface EndpointTrust {
  readonly ca?: readonly string[];
  readonly serverName?: string;
}

export interface AskRooms {
  readonly clock: Clock;
  readonly diagnose: DiagnoseTls;
}

/** For a whole exchange, a finger on a key included. */
const exchangeMs = 90_000;
/** Chains are some kilobytes; whoever sends more is no authority. */
const mostBytes = 1024 * 1024;
let exchanges = 0;

/**
 * Asks the endpoint that `trust` describes, over a connection of its own each time: an authority is asked a few times a year.
 * SECURITY: it is verified like any server, because who answers here decides what this device is called.
 */
export function createAskEndpoint(trust: EndpointTrust, { clock, diagnose }: AskRooms): AskEndpoint {
  return async (exchange) => {
    const { url, signal } = exchange;
    const serverName = trust.serverName ?? url.hostname.replace(/^\[|\]$/g, "");
    const ended = new AbortController();
    const stopTimer = clock.after(exchangeMs, () => ended.abort(new Error("no answer in time")));
    const either = AbortSignal.any([signal, ended.signal]);
    let stream: Duplex | undefined;
    try {
      const socket = await openSocket(url, either);
      stream = socket;
      stream = await secure(socket, { ...trust, serverName, identity: exchange.identity, signal: either });
      return await converse(stream, exchange, either);
    } catch (cause) {
      throw failureOf(cause, { url, serverName, diagnose });
    } finally {
      stopTimer();
      stream?.destroy();
    }
  };
}

function openSocket(url: URL, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const socket = connectTcp({ host, port: url.port === "" ? 443 : Number(url.port), signal });
    socket.once("connect", () => {
      socket.off("error", reject);
      // What goes wrong from here on is told by whoever reads from it.
      socket.on("error", () => undefined);
      resolve(socket);
    });
    socket.once("error", reject);
  });
}

interface Securing extends EndpointTrust {
  readonly serverName: string;
  readonly identity: TlsIdentity | undefined;
  readonly signal: AbortSignal;
}

async function secure(socket: Socket, { ca, serverName, identity, signal }: Securing): Promise<Duplex> {
  if (identity !== undefined) {
    exchanges += 1;
    const roots = ca === undefined ? {} : { ca };
    // No ticket of an earlier exchange: the authority is to see the certificate that is in use now.
    return (await identity.connectTls(socket, { serverName, ...roots, sessionKey: `enrolment ${exchanges}` })).stream;
  }
  const name = isIP(serverName) === 0 ? { servername: serverName } : {};
  const roots = ca === undefined ? {} : { ca: [...ca] };
  // SECURITY: said, because NODE_TLS_REJECT_UNAUTHORIZED changes the default.
  const tls = connectTls({ socket, host: serverName, ...name, minVersion: "TLSv1.2", rejectUnauthorized: true, ...roots });
  await new Promise<void>((resolve, reject) => {
    const fail = (code: string, message: string) => reject(new TlsFailed(code, message, tls.getPeerX509Certificate()));
    tls.once("secureConnect", resolve);
    tls.on("error", (cause: NodeJS.ErrnoException) => fail(cause.code ?? "ERR_TLS", cause.message));
    tls.once("close", () => fail("ECONNRESET", "the connection was closed during the handshake"));
    signal.addEventListener("abort", () => tls.destroy(new Error("no answer in time")), { once: true });
  });
  return tls;
}

function converse(stream: Duplex, { method, url, headers, body }: Exchange, signal: AbortSignal): Promise<EndpointAnswer> {
  return new Promise((resolve, reject) => {
    const request = http.request({
      createConnection: () => stream,
      method,
      host: url.hostname,
      port: url.port,
      path: `${url.pathname}${url.search}`,
      headers: {
        host: url.host,
        connection: "close",
        ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
        ...headers,
      },
      signal,
    });
    request.once("error", reject);
    request.once("response", (response) => {
      const parts: Buffer[] = [];
      let length = 0;
      response.on("data", (part: Buffer) => {
        length += part.length;
        parts.push(part);
        if (length > mostBytes) request.destroy(new Error("the answer is too long"));
      });
      response.once("error", reject);
      response.once("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }));
    });
    request.end(body);
  });
}

function failureOf(cause: unknown, about: { readonly url: URL; readonly serverName: string; readonly diagnose: DiagnoseTls }): AgentError {
  if (cause instanceof AgentError) return cause;
  const { url, serverName, diagnose } = about;
  if (cause instanceof TlsFailed) {
    const { code, detail } = diagnose(cause, serverName);
    return new AgentError(code, `${url.host}: ${detail}`, { cause });
  }
  return new AgentError("ENROL_UNREACHABLE", `${url.host}: ${formatCause(cause)}`, { cause });
}
