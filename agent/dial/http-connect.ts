import { formatAddress, type ProxyAnswer } from "../net/index.ts";
import type { Route } from "../connection/index.ts";
import { type DialFailure, dialFailed } from "./dialler.ts";
import type { Negotiate, Negotiated } from "./server-dialler.ts";

/** The value of `Proxy-Authorization`, made anew for each connection, so that a renewed secret needs no restart. */
export type ReadAuthorization = () => Promise<string>;

/** RFC 7617: user name and password in UTF-8. */
export function formatBasic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** RFC 6750 section 2.1. */
export function formatBearer(token: string): string {
  return `Bearer ${token}`;
}

/** A proxy's answer to CONNECT has no body that matters: its head must fit in here. */
const MAX_HEAD_BYTES = 64 * 1024;
const MAX_INTERIM_ANSWERS = 8;

/** CONNECT over HTTP/1.1 (RFC 9110 section 9.3.6). The proxy resolves names. */
export function createHttpNegotiation(readAuthorization?: ReadAuthorization): Negotiate {
  return async (leg, route) => {
    leg.write(formatConnectHead(route, await readAuthorization?.()));
    for (let interim = 0; interim <= MAX_INTERIM_ANSWERS; interim += 1) {
      const head = await leg.readUntil("\r\n\r\n", MAX_HEAD_BYTES);
      const answer = head === undefined ? undefined : parseAnswer(head.toString("latin1"));
      if (answer === undefined) return notHttp();
      if (answer.status >= 200) return judgeAnswer(answer, readAuthorization !== undefined);
    }
    return notHttp();
  };
}

export function formatConnectHead({ host, port }: Pick<Route, "host" | "port">, authorization?: string): string {
  const authority = formatAddress({ address: host, port });
  const fields = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  if (authorization !== undefined) fields.push(`Proxy-Authorization: ${authorization}`);
  assertFields(fields);
  return `${fields.join("\r\n")}\r\n\r\n`;
}

/** SECURITY: neither a host nor a secret may add a line of its own. */
export function assertFields(fields: readonly string[]): void {
  if (fields.some((field) => /[\r\n\0]/.test(field))) throw new RangeError("a line break in the head of a CONNECT");
}

/** RFC 9112 section 4. `undefined`: these bytes are no answer of an HTTP/1 server. */
export function parseAnswer(head: string): ProxyAnswer | undefined {
  const [first = "", ...fields] = head.split("\r\n");
  const [, digits, reason = ""] = /^HTTP\/1\.[01] ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/.exec(first) ?? [];
  if (digits === undefined) return undefined;
  const schemes = fields.flatMap((field) => /^proxy-authenticate:[ \t]*([!#$%&'*+.^_`|~\w-]+)/i.exec(field)?.[1] ?? []);
  return { status: Number(digits), reason, schemes };
}

/**
 * RFC 9110 section 9.3.6: any 2xx opens the tunnel, whatever its header says about a body. A 4xx is the proxy's own "no" and is passed
 * on; a 5xx is trouble behind it.
 */
export function judgeAnswer({ status, reason, schemes }: ProxyAnswer, hasLogin: boolean): Negotiated {
  const said = `${status} ${reason}`.trim();
  if (status < 300) return { kind: "open" };
  // 401 has no meaning in answer to CONNECT; tinyproxy says it when a login is wrong.
  if (status === 407 || status === 401)
    return { ...dialFailed("DIAL_BACKEND_AUTH", `${said}: ${loginTrouble(schemes, hasLogin)}`), sent: true, isBackendDown: true };
  if (status >= 400 && status < 500) return { ...dialFailed("DIAL_BACKEND_DENIED", said), sent: true };
  if (status === 504) return dialFailed("DIAL_TIMEOUT", said);
  if (status >= 500) return dialFailed("DIAL_BACKEND_FAILED", said);
  return dialFailed("DIAL_PROTOCOL", `the proxy answered ${said} to CONNECT`);
}

function loginTrouble(schemes: readonly string[], hasLogin: boolean): string {
  if (!hasLogin) return "the proxy wants a login, and none is configured";
  const isKnown = schemes.length === 0 || schemes.some((scheme) => /^(?:basic|bearer)$/i.test(scheme));
  return isKnown ? "the proxy does not accept the login" : `the proxy wants ${schemes.join(" or ")}; available are Basic and Bearer`;
}

function notHttp(): DialFailure {
  return { ...dialFailed("DIAL_PROTOCOL", "the server does not speak HTTP/1.1"), isBackendDown: true };
}
