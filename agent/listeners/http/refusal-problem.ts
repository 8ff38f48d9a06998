import type { RefusalWords } from "./refusal-words.ts";

/** The same refusal for programs: RFC 9457, indented because people read it too, in a terminal. */
export function formatRefusalProblem(words: RefusalWords): string {
  const problem = {
    type: `https://portail.example/failures#${words.code}`,
    title: words.sentence,
    status: words.status,
    detail: words.say ?? words.detail,
    instance: words.incident === "" ? undefined : `urn:portail:incident:${words.incident}`,
    code: words.code,
    incident: words.incident === "" ? undefined : words.incident,
    host: words.host,
    remedy: words.remedy,
    cause: words.say === undefined ? undefined : words.detail,
    help: words.help,
    missing: words.missing.length === 0 ? undefined : words.missing,
    unblocks: words.unblocks,
  };
  return `${JSON.stringify(problem, undefined, 2)}\n`;
}
