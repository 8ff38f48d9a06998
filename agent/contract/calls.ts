/**
 * Every message that may cross the control channel, declared once. The server's dispatch, the client, the command line and the
 * screens' bridge are derived from this table; nothing else may cross.
 *
 * Wire: newline-delimited JSON over a Unix socket (a named pipe on Windows), UTF-8, a line at most
 * `maxFrameBytes` long from the client, `maxAnswerBytes` from the agent.
 *   client  {"hello":{"protocol":1,"client":"portail-cli/0.1.0","secret":"…"?}}
 *   server  {"hello":{"protocol":1,"version":"0.1.0","tier":"operate"}}
 *   client  {"id":7,"call":"status.get","input":{}}
 *   server  {"id":7,"output":{…}}  or  {"id":7,"error":{"code":"CONTROL_DENIED","detail":"…","incident":"7F3K"}}
 *   server  {"event":{"seq":12,"changes":[…]}}        only after the call `watch`
 *   server  {"snapshot":{"seq":40,…}}                 to a watcher that was too slow: it replaces all that the watcher holds
 *   server  {"id":0,"error":{…}}                      about the channel itself: a refused hello, a line that is no message
 *
 * Clients number their calls from 1; calls are answered in any order. Events follow each other without a gap, each one `seq` higher
 * than the event or snapshot before it; who finds a gap all the same calls `watch` again.
 */
import { z } from "zod";
import {
  acceptedHostKeySchema,
  auditQuerySchema,
  auditRecordSchema,
  auditVerificationSchema,
  connectionViewSchema,
  enrolmentSchema,
  explanationSchema,
  failureCodeSchema,
  handshakeStorySchema,
  holdViewSchema,
  hostKeyQuestionSchema,
  identityDetailsSchema,
  pinQuestionSchema,
  policyReportSchema,
  policyViewSchema,
  questionsSchema,
  reloadReportSchema,
  statusSchema,
  tokenSchema,
  touchSchema,
  whatIfSchema,
} from "./shapes.ts";

export const protocolVersion = 1;
export const maxFrameBytes = 4 * 1024 * 1024;
export const maxAnswerBytes = 64 * 1024 * 1024;

/** What a caller may do; each tier includes the ones before it. */
export const tiers = ["read", "operate", "admin"] as const;
export type Tier = (typeof tiers)[number];

const none = z.strictObject({});
const done = z.object({});

const call = <I extends z.ZodType, O extends z.ZodType>(tier: Tier, says: string, input: I, output: O) =>
  ({ tier, says, input, output }) as const;

export const calls = {
  "status.get": call("read", "How the agent is", none, statusSchema),
  "connections.list": call(
    "read",
    "Living and recent connections, newest first",
    z.strictObject({ limit: z.number().int().min(1).max(5000).default(500) }),
    z.array(connectionViewSchema),
  ),
  "connections.close": call("operate", "End one living connection", z.strictObject({ id: z.string() }), done),
  "connections.explain": call(
    "read",
    "Why a living or recent connection, or an incident, was decided as it was",
    z.strictObject({ id: z.string() }),
    explanationSchema,
  ),
  explain: call(
    "read",
    "The decision for a hypothetical request",
    z.strictObject({
      host: z.string().max(1024),
      port: z.number().int().min(1).max(65535),
      protocol: z.string().max(32).default("socks5"),
      attributes: z.record(z.string(), z.string()).default({}),
      /** Another policy text to decide by, instead of the one in force. */
      policy: z.string().optional(),
    }),
    explanationSchema,
  ),
  "policy.get": call("read", "The policy in force, with hit counts and test results", none, policyViewSchema),
  "policy.check": call(
    "read",
    "Check a policy text and run its tests",
    z.strictObject({ text: z.string(), file: z.string().default("policy.portail") }),
    policyReportSchema,
  ),
  "policy.whatif": call(
    "read",
    "Which recent connections another policy text would decide otherwise",
    z.strictObject({ text: z.string(), limit: z.number().int().min(1).max(10000).default(1000) }),
    whatIfSchema,
  ),
  "holds.list": call("read", "Connections that wait for the person", none, z.array(holdViewSchema)),
  "holds.resolve": call(
    "operate",
    "Let a waiting connection go on, or refuse it",
    z.strictObject({ id: z.string(), action: z.enum(["continue", "refuse"]), reason: z.string().max(500).optional() }),
    done,
  ),
  "audit.query": call("read", "Search the record", auditQuerySchema, z.object({ records: z.array(auditRecordSchema), more: z.boolean() })),
  "audit.verify": call(
    "read",
    "Check the chain of the record",
    z.strictObject({
      /** Digest of a last record that was noted earlier: it must still be part of the chain. */
      head: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .optional(),
    }),
    auditVerificationSchema,
  ),
  "config.get": call(
    "read",
    "The configuration in force, secrets left out",
    none,
    z.object({ path: z.string().optional(), text: z.string() }),
  ),
  "config.reload": call("operate", "Read configuration, policy and certificates again", none, reloadReportSchema),
  "identity.list": call("read", "The identities, as far as is known without opening them", none, z.array(identityDetailsSchema)),
  "identity.tokens": call("read", "The tokens that are there, and what they hold", none, z.array(tokenSchema)),
  "identity.show": call(
    "operate",
    "Open an identity, asking for its PIN when needed",
    z.strictObject({ name: z.string() }),
    identityDetailsSchema,
  ),
  "identity.test": call(
    "operate",
    "Shake hands with a server and tell the story",
    z.strictObject({
      name: z.string(),
      host: z.string().max(1024),
      port: z.number().int().min(1).max(65535),
      serverName: z.string().max(1024).optional(),
      /** Roots to trust, PEM. */
      ca: z.string().optional(),
    }),
    handshakeStorySchema,
  ),
  "identity.enroll": call(
    "operate",
    "Make a key in an identity's token, and a request for its certificate",
    z.strictObject({
      name: z.string(),
      commonName: z.string().min(1).max(64),
      algorithm: z.enum(["ec-p256", "ec-p384", "rsa-2048", "rsa-3072"]).default("ec-p256"),
    }),
    z.object({ request: z.string(), id: z.string().optional() }),
  ),
  "identity.import": call(
    "operate",
    "Put a certificate and its issuers beside their key",
    z.strictObject({ name: z.string(), chain: z.string() }),
    identityDetailsSchema,
  ),
  "identity.obtain": call(
    "operate",
    "Have the endpoint of an identity sign a certificate, for a key that is made when there is none",
    z.strictObject({ name: z.string() }),
    handshakeStorySchema,
  ),
  "identity.renew": call("operate", "Renew the certificate of an identity now", z.strictObject({ name: z.string() }), handshakeStorySchema),
  "identity.enrolments": call(
    "read",
    "Certificates that come from an endpoint, and how far an attempt has come",
    none,
    z.array(enrolmentSchema),
  ),
  "identity.attest": call(
    "operate",
    "Evidence of where the key of an identity lives, for whoever gave the nonce",
    z.strictObject({
      name: z.string(),
      nonce: z
        .string()
        .regex(/^(?:[\da-f]{2}){8,64}$/i)
        .optional(),
      /** A context of tpm2-tools for the same key, and the file with its password. */
      certify: z.strictObject({ context: z.string(), auth: z.string().optional() }).optional(),
    }),
    z.object({ evidence: z.looseObject({ kind: z.enum(["tpm", "piv"]) }) }),
  ),
  "identity.activate": call(
    "operate",
    "Have the TPM answer the challenge of whoever judges its evidence",
    z.strictObject({ challenge: z.unknown() }),
    z.object({ answer: z.string() }),
  ),
  "identity.forget": call("operate", "Log out of all tokens and forget what their keys have earned", none, done),
  "identity.questions": call(
    "read",
    "PINs that are waited for, keys that wait for a finger, and servers' keys that nobody has accepted yet",
    none,
    z.object({ questions: z.array(pinQuestionSchema), touches: z.array(touchSchema), hostKeys: z.array(hostKeyQuestionSchema) }),
  ),
  "identity.answer": call(
    "operate",
    "Give a PIN that is waited for, or none",
    z.strictObject({ id: z.string(), pin: z.string().max(8192).optional() }),
    done,
  ),
  "hostkeys.list": call("read", "The keys of SSH servers that the person has accepted", none, z.array(acceptedHostKeySchema)),
  "hostkeys.answer": call(
    "operate",
    "Accept the key of an SSH server that was never met before, or refuse it",
    z.strictObject({ id: z.string(), accept: z.boolean() }),
    done,
  ),
  "hostkeys.forget": call(
    "operate",
    "Forget the accepted keys of an SSH server, so that it is asked about again",
    z.strictObject({ address: z.string().max(1024) }),
    z.object({ forgotten: z.number().int() }),
  ),
  "console.open": call(
    "operate",
    "A one-use link to the screens in the person's own browser",
    none,
    z.object({ url: z.string(), expiresAt: z.number() }),
  ),
  "agent.stop": call("operate", "Stop with a drain", z.strictObject({ drainMs: z.number().int().min(0).max(600_000).optional() }), done),
  watch: call(
    "read",
    "One snapshot now, then changes as events",
    none,
    z.lazy(() => snapshotSchema),
  ),
} as const;

export type Calls = typeof calls;
export type CallName = keyof Calls;
export type CallInput<N extends CallName> = z.input<Calls[N]["input"]>;
export type CallParsed<N extends CallName> = z.output<Calls[N]["input"]>;
export type CallOutput<N extends CallName> = z.output<Calls[N]["output"]>;
export const callNames = Object.keys(calls) as readonly CallName[];

/** Who called, as the channel proved it. */
export interface Caller {
  readonly client: string;
  readonly uid: number | undefined;
  readonly pid: number | undefined;
  readonly tier: Tier;
}

/** What the agent must implement: nothing missing, types from the table. `watch` is the channel's own. */
export type CallHandlers = {
  readonly [N in Exclude<CallName, "watch">]: (input: CallParsed<N>, caller: Caller) => Promise<CallOutput<N>> | CallOutput<N>;
};

/** What a call came to, on its way back through a face. */
export type CallAnswer = { readonly output: unknown } | { readonly error: ControlErrorBody };

/** Check the caller's tier, parse the input, run the handler. It never rejects: what goes wrong is an answer. */
export type Dispatch = (name: string, input: unknown, caller: Caller) => Promise<CallAnswer>;

/** The agent's news, for the faces that stream them. */
export interface StateFeed {
  /** Everything now. Events that follow it have a higher `seq`. */
  snapshot(): StateSnapshot;
  /** Take every later event, in order; the answer takes the subscription back. */
  subscribe(take: (event: StateEvent) => void): () => void;
}

/** All that a watcher holds. Changes build on it; a gap in `seq` means: watch again. */
export const snapshotSchema = z.object({
  seq: z.number().int(),
  status: statusSchema,
  connections: z.array(connectionViewSchema),
  holds: z.array(holdViewSchema),
  questions: questionsSchema,
});
export type StateSnapshot = z.infer<typeof snapshotSchema>;

export const changeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("status"), status: statusSchema }),
  z.object({ kind: z.literal("connection"), connection: connectionViewSchema }),
  z.object({ kind: z.literal("forgotten"), ids: z.array(z.string()) }),
  z.object({ kind: z.literal("hold"), hold: holdViewSchema }),
  z.object({ kind: z.literal("released"), id: z.string() }),
  z.object({ kind: z.literal("questions"), questions: questionsSchema }),
  z.object({ kind: z.literal("policy"), digest: z.string() }),
]);
export type Change = z.infer<typeof changeSchema>;

export const eventSchema = z.object({ seq: z.number().int(), changes: z.array(changeSchema) });
export type StateEvent = z.infer<typeof eventSchema>;

export const controlErrorSchema = z.object({ code: failureCodeSchema, detail: z.string(), incident: z.string().optional() });
export type ControlErrorBody = z.infer<typeof controlErrorSchema>;

export const clientHelloSchema = z.strictObject({
  hello: z.strictObject({ protocol: z.number().int(), client: z.string().max(100), secret: z.string().max(200).optional() }),
});
export const serverHelloSchema = z.object({ hello: z.object({ protocol: z.number().int(), version: z.string(), tier: z.enum(tiers) }) });
export const clientCallSchema = z.strictObject({ id: z.number().int(), call: z.string().max(64), input: z.unknown() });
export const serverFrameSchema = z.union([
  z.object({ id: z.number().int(), output: z.unknown() }),
  z.object({ id: z.number().int(), error: controlErrorSchema }),
  z.object({ event: eventSchema }),
  z.object({ snapshot: snapshotSchema }),
]);
export type ServerFrame = z.infer<typeof serverFrameSchema>;
