import type { FailureCode } from "../../contract/index.ts";
import type { CheckLogin } from "../login.ts";
import { hasPassed, isLastHop, wantsWebSocket } from "./forwarded-head.ts";
import { type Framing, frameRequest } from "./framing.ts";
import { onlyValueOf, type RequestHead, valuesOf } from "./head.ts";
import { parseAbsoluteForm, parseAuthorityForm, type Target } from "./target.ts";

/** What a request head asks of a proxy. Pure: nothing is decided here but whether the words make sense. */
export type Understood =
  | { readonly kind: "connect"; readonly target: Target }
  | { readonly kind: "forward"; readonly target: Target; readonly framing: Framing; readonly upgrade: boolean }
  | { readonly kind: "bad"; readonly code: FailureCode; readonly detail: string };

export interface ProxyManners {
  /** Our name in `Via`. */
  readonly via: string;
  readonly checkLogin: CheckLogin | undefined;
}

export function understand(head: RequestHead, manners: ProxyManners): Understood {
  const hosts = valuesOf(head.fields, "host").length;
  // SECURITY: which of two Host fields counts is answered differently by every server.
  if (hosts > 1) return bad("HTTP_BAD_REQUEST", "more than one Host");
  return head.method === "CONNECT" ? understandConnect(head, manners) : understandForward(head, manners, hosts);
}

/**
 * No Host is asked for: small tunnel programs send none. A length or a transfer coding means nothing here (RFC 9110 section 9.3.6):
 * whatever follows the head belongs to the tunnel.
 */
function understandConnect(head: RequestHead, manners: ProxyManners): Understood {
  if (!isLoggedIn(head, manners.checkLogin)) return bad("HTTP_AUTH", "no login, or a wrong one");
  const target = parseAuthorityForm(head.target);
  return target.kind === "bad" ? target : { kind: "connect", target };
}

function understandForward(head: RequestHead, manners: ProxyManners, hosts: number): Understood {
  if (hosts === 0 && head.version === "1.1") return bad("HTTP_BAD_REQUEST", "no Host");
  const framing = frameRequest(head);
  if (framing.kind === "bad") return framing;
  if (!isLoggedIn(head, manners.checkLogin)) return bad("HTTP_AUTH", "no login, or a wrong one");
  const target = parseAbsoluteForm(head.method, head.target);
  if (target.kind === "bad") return target;
  // SECURITY: TRACE would send what programs keep from scripts, cookies and logins, back as a page.
  if (head.method === "TRACE") return bad("HTTP_METHOD", "TRACE");
  if (hasPassed(head.fields, manners.via)) return bad("HTTP_LOOP", `Via names ${manners.via} already`);
  if (isLastHop(head)) return bad("HTTP_LOOP", "Max-Forwards is used up");
  return { kind: "forward", target, framing, upgrade: wantsWebSocket(head, framing) };
}

/** RFC 7617. Base64 is taken as it decodes; the comparison itself is constant in time. */
function isLoggedIn(head: RequestHead, checkLogin: CheckLogin | undefined): boolean {
  if (checkLogin === undefined) return true;
  const credentials = /^basic[ ]+([A-Za-z0-9+/=_-]+)$/i.exec(onlyValueOf(head.fields, "proxy-authorization") ?? "")?.[1];
  if (credentials === undefined) return false;
  const text = Buffer.from(credentials, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon >= 0 && checkLogin(text.slice(0, colon), text.slice(colon + 1));
}

function bad(code: FailureCode, detail: string): Understood {
  return { kind: "bad", code, detail };
}
