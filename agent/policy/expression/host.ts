import { parseIp } from "./ip.ts";

/** A destination as it is matched, dialled, sent as SNI and logged. */
export interface CanonicalHost {
  readonly kind: "name" | "ip";
  readonly value: string;
}

const MOST_LETTERS = 253;
const MOST_LABEL = 63;
const DOT = 46;
/** By character code: may stand in a label, and is it more than a digit. */
const DIGIT = 1;
const LETTER = 2;
const LABEL_LETTERS = Uint8Array.from({ length: 128 }, (_, code) => {
  const letter = String.fromCharCode(code);
  if (/[0-9]/.test(letter)) return DIGIT;
  return /[a-z_-]/.test(letter) ? LETTER : 0;
});

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

/**
 * Lower-case labels of 1 to 63 characters, the last one not a number: such a name is canonical as it stands. Labels
 * that begin with `xn--` are left to the URL parser, which knows whether they decode. This runs for every request, so it
 * is a loop and not a pattern.
 */
function isCanonicalName(text: string, mayBeEncoded = false): boolean {
  if (text.length === 0 || text.length > MOST_LETTERS) return false;
  let start = 0;
  let kinds = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (!isLabelLength(at - start)) return false;
      start = at + 1;
      kinds = 0;
    } else {
      const kind = code < 128 ? LABEL_LETTERS[code] : 0;
      if (kind === undefined || kind === 0) return false;
      kinds |= kind;
    }
  }
  if (!isLabelLength(text.length - start) || kinds === DIGIT || isHexNumber(text, start)) return false;
  return mayBeEncoded || !(text.startsWith("xn--") || text.includes(".xn--"));
}

function isLabelLength(length: number): boolean {
  return length > 0 && length <= MOST_LABEL;
}

/** A last label such as `0x7f` makes an IPv4 address of the whole: URL standard, "ends in a number checker". */
function isHexNumber(text: string, start: number): boolean {
  return text.startsWith("0x", start) && /^0x[0-9a-f]*$/.test(text.slice(start));
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
  return isCanonicalName(value, true) ? { kind: "name", value } : undefined;
}
