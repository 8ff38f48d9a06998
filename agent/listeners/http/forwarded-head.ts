import type { Upstream } from "../../net/index.ts";
import type { Framing } from "./framing.ts";
import { createField, type Field, formatFields, listOf, type RequestHead, type ResponseHead, valuesOf } from "./head.ts";
import type { Target } from "./target.ts";

/**
 * What goes on of a head. Every length is written anew from the framing that was understood, never copied: a header that we read in one
 * way and the next server in another is how requests are smuggled.
 */

/** Our name in `Via`; also how a loop is recognised. */
export const viaName = "portail";

/** Meant for us alone, whatever `Connection` says (RFC 9110 section 7.6.1), or written anew below. */
const HOP_BY_HOP = new Set([
  "connection",
  "proxy-connection",
  "keep-alive",
  "te",
  "transfer-encoding",
  "content-length",
  "upgrade",
  "http2-settings",
  "proxy-authorization",
  "proxy-authenticate",
  "proxy-authentication-info",
]);

/** SECURITY: who is behind this proxy is nobody's business out there, and what the program claims about it even less. */
const DISCLOSING = /^(?:forwarded|x-forwarded-.*|x-real-ip)$/;

/** Methods whose requests have no content when no length is given; for others a length is always said. */
const CONTENTLESS = new Set(["GET", "HEAD", "OPTIONS", "DELETE", "TRACE"]);

export interface Forwarding {
  readonly target: Target;
  /** Canonical, for `Host`. */
  readonly host: string;
  readonly framing: Framing;
  readonly upgrade: boolean;
  /** Our name in `Via`. */
  readonly via: string;
}

/** Write a request head for the destination, or with `forward` for the proxy that is asked to forward it (RFC 9112 section 3.2.2). */
export function formatForwardedRequest(head: RequestHead, forwarding: Forwarding, forward?: Upstream["forward"]): string {
  const { target, framing, upgrade, via } = forwarding;
  const fields: Field[] = [createField("Host", forward?.authority ?? formatHost(forwarding.host, target.port))];
  if (forward?.authorization !== undefined) fields.push(createField("Proxy-Authorization", forward.authorization));
  const nominated = new Set(listOf(head.fields, "connection"));
  for (const field of head.fields) {
    if (isForwarded(field.key, nominated) && !isRewrittenRequestField(field.key, head, framing)) fields.push(field);
  }
  const hops = onlyNumber(valuesOf(head.fields, "max-forwards"));
  if (head.method === "OPTIONS" && hops !== undefined) fields.push(createField("Max-Forwards", String(hops - 1)));
  fields.push(createField("Via", `${head.version} ${via}`));
  if (upgrade) fields.push(createField("Connection", "Upgrade"), createField("Upgrade", "websocket"));
  if (framing.kind === "length") fields.push(createField("Content-Length", String(framing.bytes)));
  else if (framing.kind === "chunked") fields.push(createField("Transfer-Encoding", "chunked"));
  else if (!CONTENTLESS.has(head.method)) fields.push(createField("Content-Length", "0"));
  const asked = forward === undefined ? target.path : absoluteForm(forward.authority, target.path);
  return `${head.method} ${asked} HTTP/1.1\r\n${formatFields(fields)}\r\n`;
}

/** RFC 9112 section 3.2.4: OPTIONS for a whole server has no path. */
function absoluteForm(authority: string, path: string): string {
  return `http://${authority}${path === "*" ? "" : path}`;
}

/** Write a response head for the program. `framing` is how its body goes on, which may differ from how it came. */
export function formatForwardedResponse(
  head: ResponseHead,
  answer: { readonly framing: Framing; readonly via: string; readonly close: boolean; readonly declared: number | undefined },
): string {
  const { framing, declared } = answer;
  const fields = selectResponseFields(head, answer.via);
  if (head.status === 101) fields.push(createField("Connection", "Upgrade"), createField("Upgrade", "websocket"));
  else if (answer.close) fields.push(createField("Connection", "close"));
  const length = lengthToSay(framing, declared);
  if (length !== undefined) fields.push(createField("Content-Length", String(length)));
  if (framing.kind === "chunked") fields.push(createField("Transfer-Encoding", "chunked"));
  return `HTTP/1.1 ${head.status} ${head.reason}\r\n${formatFields(fields)}\r\n`;
}

/** What goes on of a response head to any version of HTTP: all but framing and hop-by-hop fields. */
export function selectResponseFields(head: ResponseHead, via: string): Field[] {
  const nominated = new Set(listOf(head.fields, "connection"));
  const fields = head.fields.filter((field) => isForwarded(field.key, nominated));
  fields.push(createField("Via", `${head.version} ${via}`));
  return fields;
}

/** To HEAD, and with 304, the length is what the body would have (`declared`); nothing follows. */
export function lengthToSay(framing: Framing, declared: number | undefined): number | undefined {
  return framing.kind === "length" ? framing.bytes : framing.kind === "none" ? declared : undefined;
}

/** Which trailers go on: none that frames, routes, logs in or sets cookies (RFC 9110 section 6.5.1). */
export function selectTrailers(trailers: readonly Field[]): readonly Field[] {
  return trailers.filter(({ key }) => !HOP_BY_HOP.has(key) && !FORBIDDEN_TRAILERS.has(key) && !DISCLOSING.test(key));
}

const FORBIDDEN_TRAILERS = new Set([
  "host",
  "via",
  "trailer",
  "max-forwards",
  "expect",
  "range",
  "te",
  "authorization",
  "cookie",
  "set-cookie",
  "content-encoding",
  "content-type",
  "content-range",
  "cache-control",
  "location",
]);

/** Whether the request went through a proxy of this name before: it is the second word of each member of Via (RFC 9110 section 7.6.3). */
export function hasPassed(fields: readonly Field[], via: string): boolean {
  return listOf(fields, "via").some((member) => member.split(/[ \t]+/)[1] === via.toLowerCase());
}

/** RFC 9110 section 7.6.2: such a request may not go on. */
export function isLastHop(head: RequestHead): boolean {
  return head.method === "OPTIONS" && onlyNumber(valuesOf(head.fields, "max-forwards")) === 0;
}

/**
 * Whether the request asks for WebSocket, and for nothing else. SECURITY: other upgrades are not passed on, h2c above all: behind it
 * requests would travel that nobody judges. The request itself goes on without the wish, which HTTP allows (RFC 9110 section 7.8).
 */
export function wantsWebSocket(head: RequestHead, framing: Framing): boolean {
  const wishes = listOf(head.fields, "upgrade");
  return (
    head.version === "1.1" &&
    head.method === "GET" &&
    framing.kind === "none" &&
    wishes.length === 1 &&
    wishes[0] === "websocket" &&
    listOf(head.fields, "connection").includes("upgrade")
  );
}

/** `Host` as it belongs to a canonical host and a port of `http:`. */
function formatHost(host: string, port: number): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return port === 80 ? name : `${name}:${port}`;
}

/** `Connection` may name any field as hop-by-hop; those that frame and route are never taken from it but always written anew. */
function isForwarded(key: string, nominated: ReadonlySet<string>): boolean {
  return !HOP_BY_HOP.has(key) && !nominated.has(key);
}

function isRewrittenRequestField(key: string, head: RequestHead, framing: Framing): boolean {
  if (key === "host" || DISCLOSING.test(key)) return true;
  if (key === "max-forwards") return head.method === "OPTIONS";
  if (key === "trailer") return framing.kind !== "chunked";
  // RFC 9110 section 10.1.1: an HTTP/1.0 program cannot know of 100 (Continue).
  return key === "expect" && head.version === "1.0";
}

function onlyNumber(values: readonly string[]): number | undefined {
  const [value] = values;
  return values.length === 1 && value !== undefined && /^[0-9]{1,4}$/.test(value) ? Number(value) : undefined;
}
