import { createHmac, createPublicKey, createHash, type KeyObject, sign } from "node:crypto";
import { z } from "zod";
import { AgentError } from "../../../base/index.ts";
import type { AskEndpoint, EndpointAnswer } from "../ask-endpoint.ts";
import { refusal } from "../refusal.ts";

const directorySchema = z.object({ newNonce: z.url(), newAccount: z.url(), newOrder: z.url() });
type Directory = z.infer<typeof directorySchema>;

export interface AcmeSessionOptions {
  readonly title: string;
  readonly directory: URL;
  /** EC P-256, private. */
  readonly accountKey: KeyObject;
  readonly ask: AskEndpoint;
  readonly signal: AbortSignal;
}

/** An account that was given out beforehand (RFC 8555 section 7.3.4). */
export interface ExternalAccount {
  readonly id: string;
  /** Base64url. */
  readonly mac: string;
}

/** Nonces that a server forgets cost one more try each. */
const nonceTries = 3;

/** Signed questions of one account to one authority (RFC 8555 section 6). Every method rejects with AgentError. */
export class AcmeSession {
  readonly #options: AcmeSessionOptions;
  readonly #jwk: { readonly crv: string; readonly kty: string; readonly x: string; readonly y: string };
  #directory: Directory | undefined;
  #nonce: string | undefined;
  #account: string | undefined;

  constructor(options: AcmeSessionOptions) {
    this.#options = options;
    const { crv = "", kty = "", x = "", y = "" } = createPublicKey(options.accountKey).export({ format: "jwk" });
    this.#jwk = { crv, kty, x, y };
  }

  /** RFC 8555 section 8.1: what proves that this account asked. */
  keyAuthorization(token: string): string {
    // RFC 7638 section 3: the members in this order.
    return `${token}.${createHash("sha256").update(JSON.stringify(this.#jwk)).digest("base64url")}`;
  }

  /** Finds the account of the key, or makes one. */
  async open(contact: string | undefined, external: ExternalAccount | undefined): Promise<void> {
    const { newAccount } = await this.directory();
    const answer = await this.post(newAccount, {
      termsOfServiceAgreed: true,
      ...(contact === undefined ? {} : { contact: [`mailto:${contact}`] }),
      ...(external === undefined ? {} : { externalAccountBinding: this.#bind(external, newAccount) }),
    });
    this.#account = headerOf(answer, "location");
  }

  async directory(): Promise<Directory> {
    if (this.#directory !== undefined) return this.#directory;
    const { ask, directory, signal, title } = this.#options;
    const answer = await ask({ method: "GET", url: directory, signal });
    if (answer.status !== 200) throw refusal(title, answer);
    this.#directory = this.read(answer, directorySchema);
    return this.#directory;
  }

  /** Without a payload: POST-as-GET (section 6.3). */
  async post(url: string, payload?: object): Promise<EndpointAnswer> {
    for (let tried = 1; ; tried += 1) {
      const answer = await this.#postOnce(url, payload);
      if (answer.status < 300) return answer;
      const isNonce = answer.body.includes("urn:ietf:params:acme:error:badNonce");
      if (!isNonce || tried >= nonceTries) throw refusal(this.#options.title, answer);
    }
  }

  read<T>({ body }: EndpointAnswer, schema: z.ZodType<T>): T {
    const parsed = schema.safeParse(jsonIn(body.toString("utf8")));
    if (parsed.success) return parsed.data;
    throw new AgentError("ENROL_ANSWER", `${this.#options.title} sent an answer that is not understood`);
  }

  async #postOnce(url: string, payload: object | undefined): Promise<EndpointAnswer> {
    const { ask, accountKey, signal } = this.#options;
    const who = this.#account === undefined ? { jwk: this.#jwk } : { kid: this.#account };
    const head = encode({ alg: "ES256", ...who, nonce: await this.#takeNonce(), url });
    const body = payload === undefined ? "" : encode(payload);
    const signature = sign("sha256", Buffer.from(`${head}.${body}`), { key: accountKey, dsaEncoding: "ieee-p1363" });
    const answer = await ask({
      method: "POST",
      url: new URL(url),
      headers: { "content-type": "application/jose+json" },
      body: JSON.stringify({ protected: head, payload: body, signature: signature.toString("base64url") }),
      signal,
    });
    this.#nonce = optionalHeader(answer, "replay-nonce");
    return answer;
  }

  async #takeNonce(): Promise<string> {
    const kept = this.#nonce;
    this.#nonce = undefined;
    if (kept !== undefined) return kept;
    const { ask, signal } = this.#options;
    const { newNonce } = await this.directory();
    return headerOf(await ask({ method: "HEAD", url: new URL(newNonce), signal }), "replay-nonce");
  }

  #bind({ id, mac }: ExternalAccount, url: string): object {
    const head = encode({ alg: "HS256", kid: id, url });
    const body = encode(this.#jwk);
    const signature = createHmac("sha256", Buffer.from(mac, "base64url")).update(`${head}.${body}`).digest("base64url");
    return { protected: head, payload: body, signature };
  }
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

function optionalHeader({ headers }: EndpointAnswer, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : undefined;
}

export function headerOf(answer: EndpointAnswer, name: string): string {
  const value = optionalHeader(answer, name);
  if (value === undefined) throw new AgentError("ENROL_ANSWER", `the authority's answer has no ${name}`);
  return value;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
