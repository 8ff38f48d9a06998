import { z } from "zod";
import { type AuditRecord, type Explanation, outcomeSchema } from "../contract/index.ts";

/** The parts of a recorded verdict that an explanation needs; what was not recorded is left out, never guessed. */
const recordedSchema = z.object({
  say: z.string().optional(),
  help: z.string().optional(),
  policy: z.string().default(""),
  failed: z
    .array(z.object({ label: z.string(), line: z.number(), state: z.enum(["false", "unknown", "error"]), effect: z.string() }))
    .default([]),
  unknown: z.array(z.object({ attribute: z.string(), why: z.string(), source: z.string().optional() })).default([]),
  backends: z.array(z.string()).default([]),
  examined: z.number().default(0),
  rules: z.number().default(0),
  /** Of an event: why somebody was turned away. */
  detail: z.object({ code: z.string(), detail: z.string() }).optional().catch(undefined),
});

/** What the record tells of a decision whose facts nobody remembers any more. */
export function explanationOfRecord(record: AuditRecord): Explanation {
  const recorded = recordedSchema.safeParse(record.body);
  const body = recorded.success ? recorded.data : recordedSchema.parse({});
  const rule = record.rule ?? { kind: "built-in", name: body.detail?.code ?? "unknown" };
  const say = body.say ?? body.detail?.detail;
  const outcome = outcomeSchema.catch("deny").parse(record.outcome);
  return {
    outcome,
    rule,
    host: record.host ?? "",
    port: record.port ?? 0,
    ...(record.incident === undefined ? {} : { incident: record.incident }),
    ...(say === undefined ? {} : { say }),
    ...(body.help === undefined ? {} : { help: body.help }),
    requirements: body.failed.map(({ label, line: at, state, effect }) => ({ label, line: at, state, else: effect, text: "", facts: [] })),
    others: [],
    unknown: body.unknown.map(({ attribute, why, source }) => (source === undefined ? { attribute, why } : { attribute, why, source })),
    backends: body.backends,
    examined: body.examined,
    rules: body.rules,
    policyDigest: body.policy,
    text: textOf(record, { ...body, say, outcome, rule }),
  };
}

type Told = Pick<z.infer<typeof recordedSchema>, "failed" | "unknown"> & {
  readonly outcome: Explanation["outcome"];
  readonly rule: Explanation["rule"];
  readonly say: string | undefined;
};

function textOf({ host, port }: AuditRecord, { outcome, rule, say, failed, unknown }: Told): string {
  const destination = host === undefined ? "" : `${host}:${port ?? ""}  `;
  const line = rule.line === undefined ? "" : ` (line ${rule.line})`;
  return [
    `${outcome.toUpperCase()}  ${destination}by ${rule.kind} ${rule.name}${line}`,
    ...failed.map(({ label, line: at, state }) => `  requirement ${label} (line ${at}) was ${state === "false" ? "not met" : state}`),
    ...unknown.map(({ attribute, why }) => `  ${attribute} was unknown: ${why}`),
    ...(say === undefined ? [] : [`  ${say}`]),
    "  from the record; the facts of that moment are not kept",
  ].join("\n");
}
