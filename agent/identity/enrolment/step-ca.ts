import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { AgentError } from "../../base/index.ts";
import { formatPem } from "../token/certificate-request.ts";
import type { Authority, Issued, Wishes } from "./authority.ts";
import type { AskEndpoint, EndpointAnswer } from "./ask-endpoint.ts";
import { refusal } from "./refusal.ts";

export interface StepCaOptions {
  readonly url: string;
  /** A one-time token (JWT) of a provisioner. Asked for once for each enrolment. */
  readonly token: () => Promise<string>;
  readonly ask: AskEndpoint;
}

const signedSchema = z.object({ crt: z.string(), ca: z.string().optional(), certChain: z.array(z.string()).optional() });
const rootsSchema = z.object({ crts: z.array(z.string()) });
const claimsSchema = z.object({ sub: z.string().optional(), sans: z.array(z.string()).optional() });

/** The authority of Smallstep, by its own interface. */
export function createStepCa({ url, token, ask }: StepCaOptions): Authority {
  const base = new URL(url);
  const title = `step-ca at ${base.host}`;
  const at = (operation: string) => new URL(`${base.pathname.replace(/\/+$/, "")}/1.0/${operation}`, base);
  let used: Promise<string> | undefined;

  const roots = async (signal: AbortSignal): Promise<X509Certificate[]> => {
    const answer = await ask({ method: "GET", url: at("roots"), signal });
    if (answer.status !== 200 && answer.status !== 201) throw refusal(title, answer);
    return readAnswer(title, answer, rootsSchema).crts.map((pem) => certificate(title, pem));
  };
  const issued = async (answer: EndpointAnswer, signal: AbortSignal): Promise<Issued> => {
    if (answer.status !== 200 && answer.status !== 201) throw refusal(title, answer);
    const { crt, ca, certChain = [] } = readAnswer(title, answer, signedSchema);
    const certificates = [crt, ...certChain, ...(ca === undefined ? [] : [ca])].map((pem) => certificate(title, pem));
    return { certificates, anchors: await roots(signal) };
  };

  return {
    title,
    // Its tokens name exactly what may be asked for.
    wishes: async (how) => {
      if (how === "renew") return {};
      used = token();
      return wishesIn(await used);
    },
    enroll: async ({ request, signal }) => {
      const ott = await (used ?? token());
      used = undefined;
      const body = JSON.stringify({ csr: formatPem("CERTIFICATE REQUEST", request), ott });
      const answer = await ask({ method: "POST", url: at("sign"), headers: { "content-type": "application/json" }, body, signal });
      return issued(answer, signal);
    },
    // It gives the same names to the same key again: the request is not looked at.
    renew: async ({ signal }, identity) => issued(await ask({ method: "POST", url: at("renew"), body: "", identity, signal }), signal),
  };
}

/** What a token allows, in the words of a request. Only the authority judges the token; here it is read. */
export function wishesIn(token: string): Wishes {
  const claims = claimsSchema.safeParse(jsonIn(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")));
  if (!claims.success) throw new AgentError("ENROL_LOGIN", "the one-time token is none that step-ca gives out");
  const { sub, sans } = claims.data;
  return { ...(sub === undefined ? {} : { commonName: sub }), ...(sans === undefined ? {} : { names: sans.map(nameOf) }) };
}

function nameOf(san: string): string {
  if (/^[\d.]+$|^[\da-f:]*:[\da-f:.]*$/i.test(san)) return `ip:${san}`;
  if (/^[a-z][a-z0-9+.-]*:/i.test(san)) return `uri:${san}`;
  return san.includes("@") ? `email:${san}` : `dns:${san}`;
}

function readAnswer<T>(title: string, { body }: EndpointAnswer, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(jsonIn(body.toString("utf8")));
  if (parsed.success) return parsed.data;
  throw new AgentError("ENROL_ANSWER", `${title} sent an answer that is not understood`);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function certificate(title: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new AgentError("ENROL_ANSWER", `${title} sent a certificate that cannot be read`, { cause });
  }
}
