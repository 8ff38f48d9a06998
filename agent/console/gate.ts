import type { IncomingHttpHeaders } from "node:http";

/** What a request is, as far as deciding about it goes. */
export interface Knock {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they came: shows what `headers` hides by joining. */
  readonly rawHeaders: readonly string[];
}

/** Where a request may go; the session is looked at afterwards. */
export type Way =
  | { readonly kind: "link"; readonly token: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "call" }
  | { readonly kind: "watch" };

/**
 * SECURITY: everything that a page of ours does has exactly this form; whatever has another one gets no answer at all.
 * - Host is our own address to the letter: a name that somebody pointed at loopback (DNS rebinding) is not ours.
 * - No Origin but ours: a page of another server, or of another port of this machine, is not ours.
 * - `Sec-Fetch-Site`: the person opened it (`none`) or our page did (`same-origin`). A program that is no browser sends none.
 * - Calls carry a header and a content type that no page can send elsewhere without asking first, and we answer no such question.
 */
export function findWay(knock: Knock, ownHost: string): Way | undefined {
  const { headers, method, url } = knock;
  if (headers.host !== ownHost || countOf(knock, "host") !== 1) return undefined;
  if (headers.origin !== undefined && headers.origin !== `http://${ownHost}`) return undefined;
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "none" && site !== "same-origin") return undefined;
  if (method === "GET") return findReading(knock);
  return method === "POST" && url === "/api/call" && isCall(knock, ownHost) ? { kind: "call" } : undefined;
}

function findReading({ url, headers }: Knock): Way | undefined {
  if (headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined) return undefined;
  if (url === "/api/watch") return isFromPage(headers) ? { kind: "watch" } : undefined;
  const [, token] = /^\/open\/([\w-]{43})$/.exec(url ?? "") ?? [];
  if (token !== undefined) return { kind: "link", token };
  return url === undefined ? undefined : { kind: "file", path: url };
}

function isCall({ headers }: Knock, ownHost: string): boolean {
  const isJson = /^application\/json(?:; ?charset=utf-8)?$/i.test(headers["content-type"] ?? "");
  return isJson && isFromPage(headers) && headers.origin === `http://${ownHost}`;
}

function isFromPage(headers: IncomingHttpHeaders): boolean {
  return headers["x-portail"] === "1" && headers["sec-fetch-site"] !== "none";
}

function countOf({ rawHeaders }: Knock, name: string): number {
  return rawHeaders.filter((word, index) => index % 2 === 0 && word.toLowerCase() === name).length;
}
