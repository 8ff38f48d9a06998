import { AgentError } from "../../base/index.ts";
import type { EndpointAnswer } from "./ask-endpoint.ts";

const longestWords = 400;

/** An answer that is no certificate, in the authority's own words as far as it has any. */
export function refusal(title: string, { status, headers, body }: EndpointAnswer): AgentError {
  const says = wordsOf(body);
  const detail = `${title} answered ${status}${says === "" ? "" : `: ${says}`}`;
  if (status === 202) return new AgentError("ENROL_PENDING", `${detail}${waitOf(headers["retry-after"])}`);
  if (status === 401 || status === 403) return new AgentError("ENROL_LOGIN", detail);
  if (status === 429 || status >= 500) return new AgentError("ENROL_UNREACHABLE", detail);
  return new AgentError("ENROL_REFUSED", detail);
}

const waitOf = (header: string | string[] | undefined): string => (typeof header === "string" ? `, to be asked again after ${header}` : "");

/** The sentence in a JSON answer (step-ca, RFC 7807), or the text itself, without what a terminal or a log would stumble over. */
function wordsOf(body: Buffer): string {
  const text = body.subarray(0, 16 * 1024).toString("utf8");
  return (sentenceIn(text) ?? (text.trimStart().startsWith("<") ? "" : text))
    .replaceAll(/[\p{Cc}\s]+/gu, " ")
    .trim()
    .slice(0, longestWords);
}

function sentenceIn(text: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null) return undefined;
    const said = ["detail", "message"].map((key): unknown => Reflect.get(parsed, key)).find((value) => typeof value === "string");
    return typeof said === "string" ? said : undefined;
  } catch {
    return undefined;
  }
}
