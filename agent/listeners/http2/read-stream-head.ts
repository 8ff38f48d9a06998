import {
  type BadHead,
  createField,
  type Field,
  type Framing,
  isFieldText,
  isTargetText,
  isToken,
  maxFields,
  type RequestHead,
  trimSpace,
} from "../http/index.ts";

/**
 * The head of a request over HTTP/2, told in the words of HTTP/1 so that both are understood by the same code. Pure.
 *
 * SECURITY: the runtime checks most of this already. It is checked again because what passes here is written into HTTP/1, where a line
 * break or a length begins another request.
 */
export type StreamHead =
  | { readonly kind: "head"; readonly head: RequestHead }
  /** `head`: as far as it could be read, for an answer in the right form. */
  | { readonly kind: "bad"; readonly bad: BadHead };

/** Have a meaning for one connection only and must not be sent (RFC 9113 section 8.2.2). */
const CONNECTION_SPECIFIC = new Set(["connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade", "http2-settings"]);
const PSEUDO = new Set([":method", ":scheme", ":authority", ":path"]);

/** `raw`: names and values in turn, as they came; text is Latin-1, one character for one byte. */
export function readStreamHead(raw: readonly string[]): StreamHead {
  const sorted = sortFields(raw);
  if ("kind" in sorted) return { kind: "bad", bad: sorted };
  const { pseudo, fields } = sorted;
  const method = pseudo.get(":method") ?? "";
  if (!isToken(method)) return bad("the method is not a token");
  const target = method === "CONNECT" ? connectTarget(pseudo) : absoluteTarget(pseudo, method);
  if (typeof target !== "string") return { kind: "bad", bad: target };
  const authority = pseudo.get(":authority") ?? "";
  const other = fields.find(({ key, value }) => key === "host" && value.toLowerCase() !== authority.toLowerCase());
  if (other !== undefined) return bad("Host and :authority differ");
  return { kind: "head", head: { kind: "request", method, target, version: "2", fields: joinCookies(fields) } };
}

/** How the body of a request comes on a stream, and how it goes on in HTTP/1; `declared` is what the fields say of it. */
export function frameStream(declared: Framing, isEnded: boolean): { readonly comes: Framing; readonly goes: Framing } | BadHead {
  if (!isEnded)
    return declared.kind === "length" ? { comes: declared, goes: declared } : { comes: { kind: "close" }, goes: { kind: "chunked" } };
  if (declared.kind === "length" && declared.bytes > 0) return malformed("a Content-Length, and no content");
  return { comes: { kind: "none" }, goes: { kind: "none" } };
}

function sortFields(raw: readonly string[]): { readonly pseudo: ReadonlyMap<string, string>; readonly fields: Field[] } | BadHead {
  if (raw.length / 2 > maxFields + PSEUDO.size)
    return { kind: "bad", code: "HTTP_HEAD_TOO_LARGE", detail: `more than ${maxFields} header fields` };
  const pseudo = new Map<string, string>();
  const fields: Field[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? "";
    const value = raw[at + 1] ?? "";
    const isPseudo = name.startsWith(":");
    const fault = isPseudo ? faultOfPseudo(name, value, fields.length > 0 || pseudo.has(name)) : faultOfField(name, value);
    if (fault !== undefined) return malformed(fault);
    if (isPseudo) pseudo.set(name, value);
    else fields.push(createField(name, trimSpace(value)));
  }
  return { pseudo, fields };
}

/** RFC 9113 section 8.3. */
function faultOfPseudo(name: string, value: string, isMisplaced: boolean): string | undefined {
  if (!PSEUDO.has(name) || isMisplaced) return `the pseudo-header field ${printable(name)}`;
  return isTargetText(value) ? undefined : `a space or control character in ${name}`;
}

/** RFC 9113 section 8.2. */
function faultOfField(name: string, value: string): string | undefined {
  if (!isToken(name) || name !== name.toLowerCase()) return `the field name ${printable(name)}`;
  if (!isFieldText(value)) return `a control character in ${name}`;
  if (CONNECTION_SPECIFIC.has(name)) return `${name} in HTTP/2`;
  return name === "te" && value !== "trailers" ? "te, and not `trailers`" : undefined;
}

/** RFC 9113 section 8.5. */
function connectTarget(pseudo: ReadonlyMap<string, string>): string | BadHead {
  if (pseudo.has(":scheme") || pseudo.has(":path")) return malformed("CONNECT with a scheme or a path");
  return pseudo.get(":authority") ?? malformed("CONNECT without an authority");
}

/** As the absolute form of HTTP/1, which is what a proxy is asked in. */
function absoluteTarget(pseudo: ReadonlyMap<string, string>, method: string): string | BadHead {
  const [scheme, authority, path] = [pseudo.get(":scheme"), pseudo.get(":authority"), pseudo.get(":path")];
  if (scheme === undefined || path === undefined) return malformed("no scheme or no path");
  if (authority === undefined) return { kind: "bad", code: "HTTP_NOT_PROXY", detail: "the request names no server" };
  if (path === "*" && method === "OPTIONS") return `${scheme}://${authority}`;
  if (!path.startsWith("/")) return malformed("the path does not begin with a slash");
  return `${scheme}://${authority}${path}`;
}

/** RFC 9113 section 8.2.3: crumbs of a cookie come apart, and HTTP/1 wants them in one field. */
function joinCookies(fields: readonly Field[]): readonly Field[] {
  const crumbs = fields.filter(({ key }) => key === "cookie");
  if (crumbs.length < 2) return fields;
  return [...fields.filter(({ key }) => key !== "cookie"), createField("cookie", crumbs.map(({ value }) => value).join("; "))];
}

/** For a detail that people read. */
function printable(name: string): string {
  return JSON.stringify(name.slice(0, 64));
}

function bad(detail: string): StreamHead {
  return { kind: "bad", bad: malformed(detail) };
}

function malformed(detail: string): BadHead {
  return { kind: "bad", code: "HTTP_BAD_REQUEST", detail };
}
