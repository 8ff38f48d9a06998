import type { X509Certificate } from "node:crypto";
import { z } from "zod";
import { AgentError, type Clock } from "../../../base/index.ts";
import { parseChain } from "../../key-files/read-key-files.ts";
import type { Application, Authority, Issued } from "../authority.ts";
import type { AskEndpoint, EndpointAnswer } from "../ask-endpoint.ts";
import { accountKeyAt } from "./account-key.ts";
import { AcmeSession, type ExternalAccount, headerOf } from "./acme-session.ts";
import { withProofs } from "./http-challenge.ts";

export interface AcmeOptions {
  readonly url: string;
  readonly names: readonly string[];
  readonly accountPath: string;
  readonly contact?: string;
  /** Read for each attempt. */
  readonly external: () => Promise<ExternalAccount | undefined>;
  readonly httpChallenge: { readonly host: string; readonly port: number };
  readonly ask: AskEndpoint;
  readonly clock: Clock;
}

const orderSchema = z.object({
  status: z.string(),
  authorizations: z.array(z.url()).max(100).default([]),
  finalize: z.url(),
  certificate: z.url().optional(),
  error: z.object({ detail: z.string().optional() }).optional(),
});
type Order = z.infer<typeof orderSchema>;
const authorizationSchema = z.object({
  status: z.string(),
  identifier: z.object({ type: z.string(), value: z.string() }),
  challenges: z.array(
    z.object({
      type: z.string(),
      url: z.url(),
      token: z
        .string()
        .regex(/^[\w-]+$/)
        .optional(),
      error: z.object({ detail: z.string().optional() }).optional(),
    }),
  ),
});

const pauseMs = 1000;
/** A judge who takes longer than this is asked again another day. */
const looks = 60;

/** Automatic certificate management (RFC 8555), with proofs by `http-01`. */
export function createAcme(options: AcmeOptions): Authority {
  const directory = new URL(options.url);
  const title = `ACME at ${directory.host}`;
  const identifiers = identifiersOf(options.names);
  const order = async ({ request, signal }: Application): Promise<Issued> => {
    const { ask, accountPath, contact, external } = options;
    const session = new AcmeSession({ title, directory, accountKey: await accountKeyAt(accountPath), ask, signal });
    await session.open(contact, await external());
    const certificates = await new OrderDesk({ title, session, options, signal }).run(identifiers, request);
    // What vouches for the end of the chain is the endpoint itself, which was verified.
    return { certificates, anchors: certificates.slice(-1) };
  };
  return {
    title,
    wishes: () => Promise.resolve(identifiers[0] === undefined ? {} : { commonName: identifiers[0].value }),
    enroll: order,
    // There is no other way to renew (RFC 8555 section 4): the account proves the names once more.
    renew: order,
  };
}

interface Identifier {
  readonly type: "dns" | "ip";
  readonly value: string;
}

function identifiersOf(names: readonly string[]): readonly Identifier[] {
  return names.flatMap((name) => {
    const [, type, value] = /^(dns|ip):(.+)$/.exec(name) ?? [];
    return value === undefined ? [] : [{ type: type === "ip" ? "ip" : "dns", value } as const];
  });
}

interface OrderDeskOptions {
  readonly title: string;
  readonly session: AcmeSession;
  readonly options: AcmeOptions;
  readonly signal: AbortSignal;
}

/** One order, from its names to its certificates. */
class OrderDesk {
  readonly #desk: OrderDeskOptions;

  constructor(desk: OrderDeskOptions) {
    this.#desk = desk;
  }

  async run(identifiers: readonly Identifier[], request: Buffer): Promise<X509Certificate[]> {
    const { session, title } = this.#desk;
    const { newOrder } = await session.directory();
    const made = await session.post(newOrder, { identifiers });
    const url = headerOf(made, "location");
    for (const authorization of session.read(made, orderSchema).authorizations) await this.#prove(authorization);
    const ready = await this.#follow(url, (order) => order.status !== "pending");
    if (ready.status === "ready") await session.post(ready.finalize, { csr: request.toString("base64url") });
    const done = await this.#follow(url, ({ status }) => status === "valid" || status === "invalid");
    if (done.certificate === undefined) throw this.#refused(done.error?.detail ?? `the order is ${done.status}`);
    const chain = chainIn(await session.post(done.certificate));
    if (chain.length === 0) throw new AgentError("ENROL_ANSWER", `${title} sent no certificate`);
    return chain;
  }

  async #prove(url: string): Promise<void> {
    const { session, options } = this.#desk;
    const look = async () => session.read(await session.post(url), authorizationSchema);
    const { status, identifier, challenges } = await look();
    if (status === "valid") return;
    const challenge = challenges.find(({ type }) => type === "http-01");
    if (challenge?.token === undefined) throw this.#refused(`it offers no http-01 for ${identifier.value}`);
    const { token, url: answerTo } = challenge;
    await withProofs(options.httpChallenge, new Map([[token, session.keyAuthorization(token)]]), async () => {
      await session.post(answerTo, {});
      for (let looked = 0; looked < looks; looked += 1) {
        const now = await look();
        if (now.status === "valid") return;
        const why = now.challenges.find(({ error }) => error !== undefined)?.error?.detail;
        if (now.status !== "pending") throw this.#refused(`${identifier.value} was not proven: ${why ?? now.status}`);
        await this.#pause();
      }
      throw this.#refused(`${identifier.value} was not looked at in time`);
    });
  }

  async #follow(url: string, isEnough: (order: Order) => boolean): Promise<Order> {
    const { session } = this.#desk;
    for (let looked = 0; ; looked += 1) {
      const order = session.read(await session.post(url), orderSchema);
      if (isEnough(order)) return order;
      if (looked >= looks) throw new AgentError("ENROL_PENDING", `${this.#desk.title} is still busy with the order (${order.status})`);
      await this.#pause();
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => void this.#desk.options.clock.after(pauseMs, resolve));
  }

  #refused(why: string): AgentError {
    return new AgentError("ENROL_REFUSED", `${this.#desk.title}: ${why}`);
  }
}

function chainIn({ body }: EndpointAnswer): X509Certificate[] {
  try {
    return parseChain(body.toString("latin1"));
  } catch (cause) {
    throw new AgentError("ENROL_ANSWER", "the chain that came cannot be read", { cause });
  }
}
