import { type AuditRecord, type Explanation, type FailureCode, failureCodeSchema, failures } from "../contract/index.ts";
import type { Passage } from "../connection/index.ts";

export type ToldEnd = NonNullable<Explanation["end"]>;

/** Why the way out failed or was cut; undefined for what lives, was served, or was refused by the decision itself. */
export function endOfPassage({ end }: Passage): ToldEnd | undefined {
  if (end === undefined || end.kind === "served") return undefined;
  return toldEnd(end.code, "detail" in end ? end.detail : undefined);
}

/** The same from the record of an end. */
export function endOfRecord({ body }: AuditRecord): ToldEnd | undefined {
  const code = failureCodeSchema.safeParse(body["end"]);
  if (!code.success) return undefined;
  return toldEnd(code.data, typeof body["detail"] === "string" ? body["detail"] : undefined);
}

/** An allowed connection that came to nothing has two stories: why it was allowed, and what then went wrong. */
export function withEnd(explanation: Explanation, end: ToldEnd | undefined): Explanation {
  if (end === undefined || explanation.outcome !== "allow") return explanation;
  const { sentence, remedy } = failures[end.code];
  const lines = [`  then: ${sentence} (${end.code})`, ...(end.detail === undefined ? [] : [`    ${end.detail}`]), `    ${remedy}`];
  return { ...explanation, end, text: [explanation.text.trimEnd(), ...lines].join("\n") };
}

function toldEnd(code: FailureCode, detail: string | undefined): ToldEnd {
  return detail === undefined || detail === "" ? { code } : { code, detail };
}
