import { type BadHead, type Field, type HttpVersion, type RequestHead, type ResponseHead, valuesOf } from "./head.ts";

/** How the body of a message ends (RFC 9112 section 6). */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  /** Until the server closes; only a response can have it. */
  | { readonly kind: "close" };

const NONE: Framing = { kind: "none" };
const CHUNKED: Framing = { kind: "chunked" };
const CLOSE: Framing = { kind: "close" };

/**
 * SECURITY: a length that could be read in two ways is refused, never chosen: both Content-Length and Transfer-Encoding, several
 * Content-Length fields even when equal, a list, a sign, any transfer coding but a single `chunked`.
 */
export function frameRequest(head: RequestHead): Framing | BadHead {
  const declared = readDeclared(head.fields, head.version);
  return declared ?? NONE;
}

/** `method` is that of the request which is answered. */
export function frameResponse(head: ResponseHead, method: string): Framing | BadHead {
  const declared = readDeclared(head.fields, head.version);
  if (declared?.kind === "bad") return declared;
  const { status } = head;
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) return NONE;
  return declared ?? CLOSE;
}

function readDeclared(fields: readonly Field[], version: HttpVersion): Framing | BadHead | undefined {
  const lengths = valuesOf(fields, "content-length");
  const codings = valuesOf(fields, "transfer-encoding");
  if (codings.length > 0) {
    if (lengths.length > 0) return bad("both Content-Length and Transfer-Encoding");
    if (codings.length > 1 || codings[0]?.toLowerCase() !== "chunked") return bad("a Transfer-Encoding that is not `chunked`");
    if (version === "1.0") return bad("Transfer-Encoding in HTTP/1.0");
    return CHUNKED;
  }
  if (lengths.length === 0) return undefined;
  const [length = ""] = lengths;
  if (lengths.length > 1) return bad("more than one Content-Length");
  if (!/^[0-9]{1,15}$/.test(length)) return bad("a Content-Length that is not a number");
  return { kind: "length", bytes: Number(length) };
}

function bad(detail: string): BadHead {
  return { kind: "bad", code: "HTTP_BAD_REQUEST", detail };
}
