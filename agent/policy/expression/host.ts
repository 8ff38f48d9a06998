import { parseIp } from "./ip.ts";

/** A destination as it is matched, dialled, sent as SNI and logged. */
export interface CanonicalHost {
  readonly kind: "name" | "ip";
  readonly value: string;
}

/** Lower-case labels of 1 to 63 characters, the last one not a number: such a name is canonical as it stands. */
const CANONICAL_NAME = /^(?!.*(?:^|\.)xn--)(?:[a-z0-9_-]{1,63}\.)*(?:[a-z0-9_-]*[a-z_-][a-z0-9_-]*)$/;
const MOST_LETTERS = 253;
const MOST_LABEL = 63;
/** What the URL parser would take as the end of a host, decode, or silently drop. SECURITY: none of it may reach that parser. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const FOREIGN = /[\u0000-\u0020\u007f/\\?#@%:[\]<>^|*"'`{}]/;

/**
 * The one spelling of a host: lower case, A-labels, no trailing dot, IPv4 dotted, IPv6 compressed without brackets and
 * zone. `undefined` for what is no host.
 *
 * SECURITY: everything that compares, dials or records a host uses this value, so that `GIT.corp.`, `0x7f.1` and
 * `[::ffff:127.0.0.1]` cannot slip past a rule that names the plain spelling.
 */
export function canonicalHost(text: string): CanonicalHost | undefined {
  if (isCanonicalName(text)) return { kind: "name", value: text };
  const address = parseIp(stripBrackets(text));
  if (address !== undefined) return { kind: "ip", value: address.text };
  return text.length > 1_024 || FOREIGN.test(text) ? undefined : throughUrl(text);
}

function isCanonicalName(text: string): boolean {
  if (text.length > MOST_LETTERS || !CANONICAL_NAME.test(text)) return false;
  const lastLabel = text.length - text.lastIndexOf(".") - 1;
  return lastLabel <= MOST_LABEL && !looksLikeNumber(text);
}

/** The last label `0x…` makes a number of the whole, by the URL standard's "ends in a number". */
function looksLikeNumber(text: string): boolean {
  const last = text.slice(text.lastIndexOf(".") + 1);
  return last.startsWith("0x") && /^0x[0-9a-f]*$/.test(last);
}

/** `[::1]` and `fe80::1%eth0` as they occur in URLs and in socket addresses. */
function stripBrackets(text: string): string {
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  const zone = bare.indexOf("%");
  return zone > 0 && bare.includes(":") ? bare.slice(0, zone) : bare;
}

/** The WHATWG URL parser knows IDNA and the odd spellings of IPv4; what it answers is looked at again. */
function throughUrl(text: string): CanonicalHost | undefined {
  const url = URL.parse(`http://${text}/`);
  if (url === null) return undefined;
  const { hostname } = url;
  const value = hostname.endsWith(".") ? hostname.slice(0, -1) : hostname;
  const address = parseIp(value);
  if (address !== undefined) return { kind: "ip", value: address.text };
  return isCanonicalName(value.replaceAll(/(^|\.)xn--/g, "$1xn__")) ? { kind: "name", value } : undefined;
}
