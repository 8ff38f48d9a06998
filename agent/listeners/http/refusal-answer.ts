import { listOf, type RequestHead } from "./head.ts";
import { formatRefusalPage, pagePolicy } from "./refusal-page.ts";
import { formatRefusalProblem } from "./refusal-problem.ts";
import type { RefusalWords } from "./refusal-words.ts";
import { reasonPhrases } from "./status.ts";

/**
 * A whole HTTP answer that says no. `head` is what is refused, when it could be read: a page goes to those that ask for HTML by name,
 * which browsers do and programs do not; everybody else gets the problem document.
 */
export function formatRefusalAnswer(words: RefusalWords, head: RequestHead | undefined, close: boolean): Buffer {
  const forPerson = head !== undefined && prefersPage(head);
  const body = Buffer.from(forPerson ? formatRefusalPage(words) : formatRefusalProblem(words));
  const lines = [
    `HTTP/1.1 ${words.status} ${reasonPhrases.get(words.status) ?? "Refused"}`,
    `Content-Type: ${forPerson ? "text/html; charset=utf-8" : "application/problem+json"}`,
    `Content-Length: ${body.length}`,
    "Cache-Control: no-store",
    "X-Content-Type-Options: nosniff",
    "Referrer-Policy: no-referrer",
    "Vary: Accept",
  ];
  if (forPerson) lines.push(`Content-Security-Policy: ${pagePolicy}`);
  if (isToken(words.incident)) lines.push(`Portail-Incident: ${words.incident}`);
  if (words.location !== undefined) lines.push(`Location: ${words.location}`);
  // RFC 9110 section 15.5.8: 407 without a challenge is malformed.
  if (words.status === 407) lines.push('Proxy-Authenticate: Basic realm="Portail", charset="UTF-8"');
  if (close) lines.push("Connection: close");
  const top = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  return head?.method === "HEAD" ? top : Buffer.concat([top, body]);
}

function prefersPage(head: RequestHead): boolean {
  return listOf(head.fields, "accept").some((range) => {
    const [type, ...parameters] = range.split(";").map((part) => part.trim());
    return (
      (type === "text/html" || type === "application/xhtml+xml") && !parameters.some((parameter) => /^q=0(?:\.0{0,3})?$/.test(parameter))
    );
  });
}

/** What may stand in a header without a thought. */
function isToken(text: string): boolean {
  return /^[0-9A-Za-z_-]{1,64}$/.test(text);
}
