import type { X509Certificate } from "node:crypto";
import { AgentError } from "../../base/index.ts";
import { DerMistake } from "../../asn1/index.ts";
import type { Application, Authority, Issued } from "./authority.ts";
import type { AskEndpoint, EndpointAnswer } from "./ask-endpoint.ts";
import { readCertsOnly } from "./certs-only.ts";
import { refusal } from "./refusal.ts";

export interface EstOptions {
  readonly url: string;
  readonly username?: string;
  /** Read for each attempt. */
  readonly password: () => Promise<string>;
  readonly ask: AskEndpoint;
}

/** Enrolment over secure transport (RFC 7030). */
export function createEst({ url, username, password, ask }: EstOptions): Authority {
  const base = baseOf(url);
  const title = `EST at ${base.host}`;
  const at = (operation: string) => new URL(`${base.pathname}/${operation}`, base);

  const authorities = async (signal: AbortSignal): Promise<X509Certificate[]> => {
    const answer = await ask({ method: "GET", url: at("cacerts"), signal });
    if (answer.status !== 200) throw refusal(title, answer);
    return certificatesIn(title, answer);
  };
  const login = async (): Promise<Readonly<Record<string, string>>> => {
    if (username === undefined) return {};
    const both = Buffer.from(`${username}:${await password()}`, "utf8");
    return { authorization: `Basic ${both.toString("base64")}` };
  };
  const apply = async (
    operation: string,
    { request, signal }: Application,
    identity?: Parameters<Authority["renew"]>[1],
  ): Promise<Issued> => {
    const anchors = await authorities(signal);
    const answer = await ask({
      method: "POST",
      url: at(operation),
      // RFC 7030 section 4.2.1: base64 whatever the header says (RFC 8951), and older servers insist on the header.
      headers: { "content-type": "application/pkcs10", "content-transfer-encoding": "base64", ...(await login()) },
      body: request.toString("base64"),
      signal,
      ...(identity === undefined ? {} : { identity }),
    });
    if (answer.status !== 200) throw refusal(title, answer);
    return { certificates: [...certificatesIn(title, answer), ...anchors], anchors };
  };

  return {
    title,
    enroll: (application) => apply("simpleenroll", application),
    renew: (application, current) => apply("simplereenroll", application, current),
  };
}

/** RFC 7030 section 3.2.2: the well-known path, unless the configuration names a longer one with a label. */
function baseOf(url: string): URL {
  const base = new URL(url);
  base.pathname = base.pathname.replace(/\/+$/, "") === "" ? "/.well-known/est" : base.pathname.replace(/\/+$/, "");
  return base;
}

function certificatesIn(title: string, { body }: EndpointAnswer): X509Certificate[] {
  try {
    return readCertsOnly(Buffer.from(body.toString("latin1"), "base64"));
  } catch (cause) {
    if (cause instanceof DerMistake) throw new AgentError("ENROL_ANSWER", `${title} sent ${cause.message}`, { cause });
    throw cause;
  }
}
