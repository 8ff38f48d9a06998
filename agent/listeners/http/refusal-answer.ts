import { createField, type Field, formatFields, listOf, type RequestHead } from "./head.ts";
import { formatRefusalPage, pagePolicy } from "./refusal-page.ts";
import { formatRefusalProblem } from "./refusal-problem.ts";
import type { RefusalWords } from "./refusal-words.ts";
import { reasonPhrases } from "./status.ts";

/** An answer that says no, before any version of HTTP writes it. */
export interface RefusalAnswer {
  readonly status: number;
  readonly fields: readonly Field[];
  readonly body: Buffer;
}

/**
 * `head` is what is refused, when it could be read: a page goes to those that ask for HTML by name, which browsers do and programs do not;
 * everybody else gets the problem document.
 */
export function composeRefusal(words: RefusalWords, head: RequestHead | undefined): RefusalAnswer {
  const forPerson = head !== undefined && prefersPage(head);
  const body = Buffer.from(forPerson ? formatRefusalPage(words) : formatRefusalProblem(words));
  const fields = [
    createField("Content-Type", forPerson ? "text/html; charset=utf-8" : "application/problem+json"),
    createField("Content-Length", String(body.length)),
    createField("Cache-Control", "no-store"),
    createField("X-Content-Type-Options", "nosniff"),
    createField("Referrer-Policy", "no-referrer"),
    createField("Vary", "Accept"),
  ];
  if (forPerson) fields.push(createField("Content-Security-Policy", pagePolicy));
  if (isToken(words.incident)) fields.push(createField("Portail-Incident", words.incident));
  if (words.location !== undefined) fields.push(createField("Location", words.location));
  // RFC 9110 section 15.5.8: 407 without a challenge is malformed.
  if (words.status === 407) fields.push(createField("Proxy-Authenticate", 'Basic realm="Portail", charset="UTF-8"'));
  return { status: words.status, fields, body: head?.method === "HEAD" ? EMPTY : body };
}

/** The same as a whole message of HTTP/1. */
export function formatRefusalAnswer(words: RefusalWords, head: RequestHead | undefined, close: boolean): Buffer {
  const { status, fields, body } = composeRefusal(words, head);
  const all = close ? [...fields, createField("Connection", "close")] : fields;
  const top = `HTTP/1.1 ${status} ${reasonPhrases.get(status) ?? "Refused"}\r\n${formatFields(all)}\r\n`;
  return Buffer.concat([Buffer.from(top, "latin1"), body]);
}

const EMPTY = Buffer.alloc(0);

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
