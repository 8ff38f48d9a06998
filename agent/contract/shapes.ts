/** What is said about the agent's state, in the same words on the wire, on the screen and with `--json`. */
import { z } from "zod";
import { type FailureCode, failureCodes } from "./failures.ts";

export const failureCodeSchema = z.enum(failureCodes as unknown as [FailureCode, ...FailureCode[]]);

/** Milliseconds since the Unix epoch. */
const instant = z.number();

export const listenerStatusSchema = z.object({
  name: z.string(),
  kind: z.enum(["proxy", "persona", "gateway", "transparent"]),
  /** Real addresses, port 0 replaced: `127.0.0.1:1080`, `[::1]:1080`, `unix:/run/…`. */
  addresses: z.array(z.string()),
  users: z.string(),
  state: z.enum(["listening", "paused", "failed"]),
  problem: z.string().optional(),
  connections: z.number().int(),
});
export type ListenerStatus = z.infer<typeof listenerStatusSchema>;

export const backendStatusSchema = z.object({
  name: z.string(),
  kind: z.string(),
  address: z.string().optional(),
  /** The identity that it shows to its server. */
  identity: z.string().optional(),
  health: z.enum(["unknown", "healthy", "failing"]),
  problem: z.string().optional(),
  /** What the last look without a connection found, where looking is asked for. */
  check: z.object({ at: z.number(), ms: z.number(), problem: z.string().optional() }).optional(),
  connections: z.number().int(),
});
export type BackendStatus = z.infer<typeof backendStatusSchema>;

export const identityStatusSchema = z.object({
  name: z.string(),
  kind: z.string(),
  state: z.string(),
  subject: z.string().optional(),
  issuer: z.string().optional(),
  expiresAt: instant.optional(),
  problem: z.string().optional(),
  /** Which failure `problem` is. */
  code: failureCodeSchema.optional(),
});
export type IdentityStatus = z.infer<typeof identityStatusSchema>;

/** An identity that was opened: its certificate and those of its issuers. */
export const identityDetailsSchema = identityStatusSchema.extend({
  key: z.string().optional(),
  chain: z
    .array(
      z.object({
        subject: z.string(),
        issuer: z.string(),
        serial: z.string(),
        notBefore: instant,
        notAfter: instant,
        fingerprint: z.string(),
        names: z.string().optional(),
        /** What it may be used for: `client authentication`; an object identifier where there is no word. Absent: for anything. */
        uses: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});
export type IdentityDetails = z.infer<typeof identityDetailsSchema>;

/** A token that is there, and what it holds as far as it tells without a PIN. */
export const tokenSchema = z.object({
  label: z.string(),
  serial: z.string(),
  manufacturer: z.string(),
  model: z.string(),
  loggedIn: z.boolean(),
  pin: z.enum(["unknown-tries", "few-tries", "last-try", "locked"]),
  mechanisms: z.array(z.string()),
  /** A certificate belongs to the key with the same `id` (hexadecimal). */
  keys: z.array(z.object({ uri: z.string(), id: z.string(), label: z.string(), type: z.string() })),
  certificates: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      subject: z.string(),
      issuer: z.string(),
      expiresAt: instant,
      uses: z.array(z.string()).optional(),
    }),
  ),
});
export type Token = z.infer<typeof tokenSchema>;

/** The person is asked for the PIN of a token or the password of a key file. */
export const pinQuestionSchema = z.object({
  id: z.string(),
  identity: z.string(),
  token: z.string(),
  why: z.enum(["needed", "wrong"]),
  tries: z.enum(["unknown", "few", "last"]),
  isForOneUse: z.boolean(),
  /** Whoever waits for the answer gives up then. */
  expiresAt: instant,
  /** What is asked for when it is no PIN. */
  wants: z.enum(["password", "one-time token"]).optional(),
});
export type PinQuestionView = z.infer<typeof pinQuestionSchema>;

/** A key that most likely waits for a finger, or a reader that waits for the PIN on its own keypad. */
export const touchSchema = z.object({ identity: z.string(), token: z.string(), kind: z.enum(["touch", "keypad"]) });
export type TouchView = z.infer<typeof touchSchema>;

/** An SSH server that was never met before shows its key: the person is asked whether it is the right one. */
export const hostKeyQuestionSchema = z.object({
  id: z.string(),
  backend: z.string(),
  /** `host:port` of the server, as configured. */
  address: z.string(),
  /** As SSH names it: `ssh-ed25519`. */
  algorithm: z.string(),
  /** `SHA256:` and 43 characters of base64, as OpenSSH prints it. */
  fingerprint: z.string(),
  /** Whoever waits for the answer gives up then. */
  expiresAt: instant,
});
export type HostKeyQuestionView = z.infer<typeof hostKeyQuestionSchema>;

/** All that the agent waits for the person for, besides held connections. Answers never stand here. */
export const questionsSchema = z.object({
  pins: z.array(pinQuestionSchema),
  touches: z.array(touchSchema),
  hostKeys: z.array(hostKeyQuestionSchema),
});
export type Questions = z.infer<typeof questionsSchema>;

/** The key of an SSH server that the person has accepted. */
export const acceptedHostKeySchema = z.object({ address: z.string(), algorithm: z.string(), fingerprint: z.string() });
export type AcceptedHostKey = z.infer<typeof acceptedHostKeySchema>;

/** One line of the story of a handshake; `code` names the failure that it ended with, where that has a name. */
export const handshakeStepSchema = z.object({ ok: z.boolean(), says: z.string(), code: failureCodeSchema.optional() });
export const handshakeStorySchema = z.object({ ok: z.boolean(), steps: z.array(handshakeStepSchema) });
export type HandshakeStory = z.infer<typeof handshakeStorySchema>;

/** A certificate that comes from an endpoint: how it stands, and the story of the last attempt or of the one that runs. */
export const enrolmentSchema = z.object({
  name: z.string(),
  kind: z.enum(["est", "step-ca", "acme"]),
  url: z.string(),
  state: z.enum(["absent", "valid", "running", "failing"]),
  steps: z.array(handshakeStepSchema),
  expiresAt: instant.optional(),
  /** When it is renewed. */
  renewAt: instant.optional(),
  problem: z.string().optional(),
  code: failureCodeSchema.optional(),
});
export type EnrolmentView = z.infer<typeof enrolmentSchema>;

export const alarmSchema = z.object({ code: failureCodeSchema, detail: z.string(), since: instant });
export type Alarm = z.infer<typeof alarmSchema>;

export const statusSchema = z.object({
  state: z.enum(["starting", "ready", "draining"]),
  version: z.string(),
  pid: z.number().int(),
  startedAt: instant,
  stateDir: z.string(),
  configPath: z.string().optional(),
  /** SHA-256 of the policy text in force, hex, and where it comes from (`built-in` or a path). */
  policy: z.object({ digest: z.string(), source: z.string(), rules: z.number().int(), loadedAt: instant }),
  listeners: z.array(listenerStatusSchema),
  backends: z.array(backendStatusSchema),
  identities: z.array(identityStatusSchema),
  alarms: z.array(alarmSchema),
  connections: z.object({ live: z.number().int(), total: z.number().int(), refused: z.number().int() }),
  memoryBytes: z.number().int(),
});
export type Status = z.infer<typeof statusSchema>;

export const outcomeSchema = z.enum(["allow", "deny", "redirect", "step_up", "challenge"]);
export type Outcome = z.infer<typeof outcomeSchema>;

export const ruleRefSchema = z.object({
  kind: z.enum(["lifeline", "break_glass", "guard", "policy", "default", "built-in"]),
  name: z.string(),
  /** Line in the policy text, from 1; absent for rules that are not written anywhere. */
  line: z.number().int().optional(),
});
export type RuleRef = z.infer<typeof ruleRefSchema>;

/** One living or recently ended connection. Byte counts are the client's view: sent up, received down. */
export const connectionViewSchema = z.object({
  id: z.string(),
  listener: z.string(),
  protocol: z.string(),
  host: z.string(),
  port: z.number().int(),
  /** HTTP forwarding only. */
  method: z.string().optional(),
  user: z.string().optional(),
  uid: z.number().int().optional(),
  program: z.string().optional(),
  pid: z.number().int().optional(),
  state: z.enum(["judging", "held", "dialling", "open", "ended"]),
  outcome: outcomeSchema.optional(),
  rule: ruleRefSchema.optional(),
  incident: z.string().optional(),
  backend: z.string().optional(),
  address: z.string().optional(),
  startedAt: instant,
  endedAt: instant.optional(),
  up: z.number(),
  down: z.number(),
  end: z.union([z.literal("served"), failureCodeSchema]).optional(),
  policyDigest: z.string().optional(),
});
export type ConnectionView = z.infer<typeof connectionViewSchema>;

export const requirementViewSchema = z.object({
  label: z.string(),
  line: z.number().int(),
  state: z.enum(["true", "false", "unknown", "error"]),
  else: z.string(),
  text: z.string(),
  facts: z.array(z.object({ attribute: z.string(), value: z.string(), source: z.string().optional() })),
  say: z.string().optional(),
  help: z.string().optional(),
});
export type RequirementView = z.infer<typeof requirementViewSchema>;

/** The whole story of one decision; what an audience may not see is already left out. */
export const explanationSchema = z.object({
  outcome: outcomeSchema,
  rule: ruleRefSchema,
  host: z.string(),
  port: z.number().int(),
  incident: z.string().optional(),
  say: z.string().optional(),
  help: z.string().optional(),
  requirements: z.array(requirementViewSchema),
  /** Other rules that were true or may apply, in the order in which they were looked at. */
  others: z.array(
    z.object({ rule: ruleRefSchema, state: z.enum(["true", "false", "unknown", "error"]), outcome: outcomeSchema, text: z.string() }),
  ),
  unknown: z.array(z.object({ attribute: z.string(), why: z.string(), source: z.string().optional() })),
  /** A condition under which it would be allowed, verified by evaluating again. */
  remedy: z.string().optional(),
  backends: z.array(z.string()),
  examined: z.number().int(),
  rules: z.number().int(),
  policyDigest: z.string(),
  /** What went wrong after an `allow`: the way out failed, or the connection was cut. Absent while it lives and when it was served. */
  end: z.object({ code: failureCodeSchema, detail: z.string().optional() }).optional(),
  /** The same as text, in the form of the manual. */
  text: z.string(),
});
export type Explanation = z.infer<typeof explanationSchema>;

/** A mistake or a warning in a file that a person wrote. Lines and columns from 1, in characters. */
export const problemSchema = z.object({
  file: z.string(),
  line: z.number().int(),
  column: z.number().int(),
  endColumn: z.number().int().optional(),
  severity: z.enum(["error", "warning"]),
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  /** The line with carets under the place. */
  excerpt: z.string().optional(),
});
export type Problem = z.infer<typeof problemSchema>;

export const testResultSchema = z.object({
  name: z.string(),
  line: z.number().int(),
  passed: z.boolean(),
  /** What differed, one sentence each. */
  failures: z.array(z.string()),
});
export type TestResult = z.infer<typeof testResultSchema>;

export const policyReportSchema = z.object({
  ok: z.boolean(),
  digest: z.string(),
  rules: z.number().int(),
  problems: z.array(problemSchema),
  tests: z.array(testResultSchema),
});
export type PolicyReport = z.infer<typeof policyReportSchema>;

export const policyRuleViewSchema = z.object({
  rule: ruleRefSchema,
  action: z.string(),
  hits: z.number().int(),
  lastHitAt: instant.optional(),
  lastConnections: z.array(z.string()),
});
export type PolicyRuleView = z.infer<typeof policyRuleViewSchema>;

export const policyViewSchema = z.object({
  source: z.string(),
  text: z.string(),
  digest: z.string(),
  loadedAt: instant,
  rules: z.array(policyRuleViewSchema),
  report: policyReportSchema,
  /** A newer text on disk that was refused, with its problems. */
  refused: policyReportSchema.optional(),
});
export type PolicyView = z.infer<typeof policyViewSchema>;

export const whatIfSchema = z.object({
  report: policyReportSchema,
  examined: z.number().int(),
  changes: z.array(z.object({ connection: connectionViewSchema, before: outcomeSchema, after: outcomeSchema, rule: ruleRefSchema })),
});
export type WhatIf = z.infer<typeof whatIfSchema>;

/** A connection that waits for the person: a step-up sign-in or a challenge. */
export const holdViewSchema = z.object({
  id: z.string(),
  connection: connectionViewSchema,
  kind: z.enum(["step_up", "challenge"]),
  /** What is asked for, in a word the screen can act on: `acr`, `amr`, `max_age`, `confirm`, `reason`, `approve`. */
  asks: z.array(z.object({ what: z.string(), value: z.string().optional() })),
  say: z.string().optional(),
  help: z.string().optional(),
  expiresAt: instant,
});
export type HoldView = z.infer<typeof holdViewSchema>;

/** One record of the audit. `seq` counts from 1 without gaps; `hash` covers `prev` and the canonical JSON of the rest. */
export const auditRecordSchema = z.object({
  seq: z.number().int(),
  time: instant,
  kind: z.enum(["verdict", "end", "event"]),
  connection: z.string().optional(),
  incident: z.string().optional(),
  outcome: outcomeSchema.optional(),
  rule: ruleRefSchema.optional(),
  host: z.string().optional(),
  port: z.number().int().optional(),
  program: z.string().optional(),
  user: z.string().optional(),
  /** Everything else that was recorded, as written. */
  body: z.record(z.string(), z.unknown()),
  prev: z.string(),
  hash: z.string(),
});
export type AuditRecord = z.infer<typeof auditRecordSchema>;

export const auditQuerySchema = z.strictObject({
  since: instant.optional(),
  until: instant.optional(),
  outcome: outcomeSchema.optional(),
  kind: z.enum(["verdict", "end", "event"]).optional(),
  connection: z.string().optional(),
  incident: z.string().optional(),
  /** Matches host, program, rule, incident or user. */
  text: z.string().max(200).optional(),
  limit: z.number().int().min(1).max(1000).default(200),
  /** Only records with a lower (`desc`) or higher (`asc`) sequence number than this one. */
  after: z.number().int().optional(),
  order: z.enum(["asc", "desc"]).default("desc"),
});
export type AuditQuery = z.input<typeof auditQuerySchema>;

export const auditVerificationSchema = z.object({
  ok: z.boolean(),
  records: z.number().int(),
  first: z.number().int().optional(),
  last: z.number().int().optional(),
  /** Digest of the last record: note it elsewhere to prove later that nothing was cut off. */
  head: z.string().optional(),
  problem: z.object({ seq: z.number().int(), message: z.string() }).optional(),
});
export type AuditVerification = z.infer<typeof auditVerificationSchema>;

export const reloadReportSchema = z.object({
  applied: z.boolean(),
  policyDigest: z.string(),
  problems: z.array(problemSchema),
  changes: z.array(z.string()),
});
export type ReloadReport = z.infer<typeof reloadReportSchema>;
