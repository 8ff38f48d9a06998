/**
 * What the agent and the token process say to each other, over the channel that the one inherits from the other. Requests are answered
 * in order, one at a time: a token does one thing at a time too.
 *
 * SECURITY: a PIN never stands in a message, where copies of it would stay behind in buffers that nobody can reach. Its bytes go through a
 * pipe of their own; the message says how many they are, or that the person types them at the reader.
 */
import { z } from "zod";
import { digests, paddings } from "../signing.ts";

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, "not bytes");

/** PKCS#11 names no bound; real PINs have 4 to 64 bytes. */
export const longestPin = 255;
const pinSourceSchema = z.union([z.int().min(1).max(longestPin), z.literal("at-reader")]);
export type PinSource = z.infer<typeof pinSourceSchema>;
/** The PIN itself, on either side of the pipe. */
export type Pin = Uint8Array | "at-reader";

const tokenPickSchema = z.strictObject({
  label: z.string().optional(),
  serial: z.string().optional(),
  manufacturer: z.string().optional(),
  model: z.string().optional(),
  slot: z.number().optional(),
});
const keyPickSchema = z.strictObject({ label: z.string().optional(), id: z.string().optional() });
const pickSchema = z.strictObject({ token: tokenPickSchema, key: keyPickSchema });
export type Pick = z.infer<typeof pickSchema>;

/** SECURITY: what a request says comes in parts, so that nothing else than a request can be had signed by asking for one. */
const wantedSchema = z.strictObject({
  commonName: z.string(),
  organization: z.string().optional(),
  unit: z.string().optional(),
  country: z.string().optional(),
  names: z.array(z.string()).readonly().optional(),
});

export const keyAlgorithms = ["ec-p256", "ec-p384", "rsa-2048", "rsa-3072"] as const;
export type KeyAlgorithm = (typeof keyAlgorithms)[number];

export const tokenRequestSchema = z.discriminatedUnion("op", [
  z.strictObject({ op: z.literal("list") }),
  z.strictObject({ op: z.literal("find"), pick: pickSchema }),
  z.strictObject({ op: z.literal("look"), token: tokenPickSchema }),
  z.strictObject({ op: z.literal("login"), token: tokenPickSchema, pin: pinSourceSchema }),
  z.strictObject({ op: z.literal("logout"), token: tokenPickSchema }),
  z.strictObject({
    op: z.literal("sign"),
    pick: pickSchema,
    digest: z.enum(digests),
    padding: z.enum(paddings),
    message: bytes,
    pin: pinSourceSchema.optional(),
  }),
  z.strictObject({
    op: z.literal("generate"),
    token: tokenPickSchema,
    label: z.string(),
    id: z.string(),
    algorithm: z.enum(keyAlgorithms),
  }),
  z.strictObject({ op: z.literal("request"), pick: pickSchema, wanted: wantedSchema, pin: pinSourceSchema.optional() }),
  z.strictObject({ op: z.literal("import"), token: tokenPickSchema, id: z.string(), label: z.string(), certificate: bytes }),
]);
export type TokenRequest = z.infer<typeof tokenRequestSchema>;
export type TokenOperation = TokenRequest["op"];

/** How the token stands with its PIN, as far as PKCS#11 tells: never a number of tries, only that few are left. */
export const pinStates = ["unknown-tries", "few-tries", "last-try", "locked"] as const;

const tokenViewSchema = z.object({
  slot: z.number(),
  label: z.string(),
  serial: z.string(),
  manufacturer: z.string(),
  model: z.string(),
  needsLogin: z.boolean(),
  loggedIn: z.boolean(),
  /** The PIN is entered on the reader itself. */
  hasPinPad: z.boolean(),
  pin: z.enum(pinStates),
});
export type TokenView = z.infer<typeof tokenViewSchema>;

const tokenKeySchema = z.object({
  id: z.string(),
  label: z.string(),
  type: z.enum(["ec", "rsa", "other"]),
  /** Wants its PIN for every signature. */
  alwaysAuthenticate: z.boolean(),
  /** What the module claims of the key. It is no proof of hardware. */
  neverExtractable: z.boolean(),
});
export type TokenKey = z.infer<typeof tokenKeySchema>;

const tokenCertificateSchema = z.object({ id: z.string(), label: z.string(), der: bytes });
const tokenContentsSchema = tokenViewSchema.extend({
  mechanisms: z.array(z.string()),
  keys: z.array(tokenKeySchema),
  certificates: z.array(tokenCertificateSchema),
});
export type TokenContents = z.infer<typeof tokenContentsSchema>;

const done = z.object({});
/** What each operation answers. */
export const tokenResultSchemas = {
  list: z.array(tokenContentsSchema),
  /** The chain begins with the certificate of the key; empty when the token holds none. */
  find: z.object({ token: tokenViewSchema, key: tokenKeySchema, spki: bytes.optional(), chain: z.array(bytes) }),
  look: tokenViewSchema,
  login: done,
  logout: done,
  sign: z.object({ signature: bytes }),
  generate: z.object({ spki: bytes }),
  request: z.object({ request: bytes }),
  import: done,
} as const satisfies Record<TokenOperation, z.ZodType>;
export type TokenResult<O extends TokenOperation> = z.infer<(typeof tokenResultSchemas)[O]>;

export const tokenProblems = [
  "TOKEN_ABSENT",
  "TOKEN_AMBIGUOUS",
  "KEY_ABSENT",
  "KEY_MISMATCH",
  "PIN_NEEDED",
  "PIN_WRONG",
  "PIN_LOCKED",
  /** The person pressed "cancel" at the reader, or did not type in time. */
  "PIN_CANCELLED",
  "NOT_SIGNED",
  /** The module failed in a way after which it is not used any more. */
  "MODULE",
  /** Said by the agent's side only: the process did not answer in time, or ended. */
  "SILENT",
  "CRASHED",
  /** Also said by the agent's side only: the person logged out meanwhile. */
  "LOGGED_OUT",
] as const;
export type TokenProblem = (typeof tokenProblems)[number];

export const tokenAnswerSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("done"), id: z.number(), value: z.unknown() }),
  z.object({
    kind: z.literal("failed"),
    id: z.number(),
    problem: z.enum(tokenProblems),
    detail: z.string(),
    token: tokenViewSchema.optional(),
  }),
]);
export const tokenCallSchema = z.object({ id: z.number(), request: tokenRequestSchema });

/** A request that was answered with a problem, on either side of the channel. */
export class TokenFailure extends Error {
  override readonly name = "TokenFailure";
  readonly problem: TokenProblem;
  readonly token: TokenView | undefined;

  constructor(problem: TokenProblem, detail: string, token?: TokenView) {
    super(detail);
    this.problem = problem;
    this.token = token;
  }
}
