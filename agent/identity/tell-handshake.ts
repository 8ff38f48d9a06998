import net from "node:net";
import type { X509Certificate } from "node:crypto";
import { AgentError, formatCause } from "../base/index.ts";
import type { FailureCode, HandshakeStory } from "../contract/index.ts";
import type { IdentityView } from "./identity-view.ts";
import { TlsFailed, type TlsIdentity } from "./tls/tls-identity.ts";

export interface HandshakeTrial {
  readonly identity: TlsIdentity;
  /** What opening the identity came to. */
  readonly view: IdentityView;
  readonly host: string;
  readonly port: number;
  readonly serverName: string;
  /** Roots, PEM; absent: those of the runtime. */
  readonly ca?: readonly string[];
  readonly diagnose: DiagnoseTls;
  readonly monotonic: () => number;
}

/** Finds the named cause behind an error of the TLS library. */
export type DiagnoseTls = (cause: Error, serverName: string) => { readonly code: FailureCode; readonly detail: string };

const connectMs = 10_000;

/** Shake hands with a server twice, once in full and once with a ticket, and tell in plain words how it went. Never rejects. */
export async function tellHandshake(trial: HandshakeTrial): Promise<HandshakeStory> {
  const { view, monotonic } = trial;
  const steps: HandshakeStory["steps"] = [];
  const tell = (says: string): void => void steps.push({ ok: true, says });
  const give = ({ says, code }: Trouble): HandshakeStory => {
    steps.push({ ok: false, says, ...(code === undefined ? {} : { code }) });
    return { ok: false, steps };
  };
  if (view.state !== "ready") return give({ says: `The identity cannot be used: ${view.problem ?? view.state}.`, code: view.code });
  tell(`We show ${view.subject ?? "a certificate"}, issued by ${view.issuer ?? "somebody"}; the key is ${view.key ?? "there"}.`);
  try {
    const startedAt = monotonic();
    const first = await connect(trial, startedAt);
    tell(`Connected to ${first.address}.`);
    tell(`${first.protocol} with ${describe(first.peer)}, in ${Math.round(monotonic() - startedAt)} ms.`);
    const trouble = await first.trouble;
    if (trouble !== undefined) return give(explainBreak(trouble, trial));
    const again = monotonic();
    const second = await connect(trial, startedAt);
    await second.trouble;
    tell(
      second.resumed
        ? `A second connection came back with a ticket in ${Math.round(monotonic() - again)} ms, without the key.`
        : "The server gives no tickets: every connection needs the key.",
    );
    return { ok: true, steps };
  } catch (cause) {
    return give(explain(cause, trial));
  }
}

interface Trouble {
  readonly says: string;
  readonly code: FailureCode | undefined;
}

/** `trial` keeps the tickets of one trial from those of another, and of connections that matter. */
async function connect({ identity, host, port, serverName, ca }: HandshakeTrial, trial: number) {
  const socket = await open(host, port);
  const address = `${socket.remoteAddress ?? host}:${port}`;
  const target = { serverName, sessionKey: `test ${trial} ${host}:${port}`, ...(ca === undefined ? {} : { ca }) };
  const { stream, protocol, peer, resumed } = await identity.connectTls(socket, target);
  // TLS 1.3: a server judges our certificate after we think that the handshake is over.
  const trouble = new Promise<Error | undefined>((resolve) => {
    stream.once("error", resolve);
    stream.once("close", () => resolve(undefined));
    stream.once("end", () => resolve(undefined));
    stream.resume();
    stream.end();
  });
  return { address, protocol, peer, resumed, trouble };
}

function open(host: string, port: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, allowHalfOpen: true, timeout: connectMs });
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.off("error", reject);
      resolve(socket);
    });
    socket.once("timeout", () => socket.destroy(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" })));
    socket.once("error", reject);
  });
}

const lineOf = (name: string): string => name.replaceAll("\n", ", ");

const describe = (peer: X509Certificate): string =>
  `${lineOf(peer.subject) || (peer.subjectAltName ?? "a server without a name")}, issued by ${lineOf(peer.issuer)}`;

/** Names and connections that fail before TLS has begun, by the system's word. */
const unreachable: Readonly<Record<string, FailureCode>> = {
  ENOTFOUND: "DIAL_NAME_NOT_FOUND",
  EAI_AGAIN: "DIAL_NAME_FAILED",
  ECONNREFUSED: "DIAL_REFUSED",
  ETIMEDOUT: "DIAL_TIMEOUT",
};

function explain(cause: unknown, { host, port, serverName, diagnose }: HandshakeTrial): Trouble {
  const server = `${host}:${port}`;
  if (cause instanceof AgentError) return { says: cause.detail, code: cause.code };
  if (!(cause instanceof TlsFailed)) {
    const word = (cause as NodeJS.ErrnoException).code ?? "";
    return { says: `${server} cannot be reached: ${formatCause(cause)}.`, code: unreachable[word] ?? "DIAL_UNREACHABLE" };
  }
  const shown = cause.peer === undefined ? "" : ` It showed ${describe(cause.peer)}.`;
  const { code } = diagnose(cause, serverName);
  // Node's library adds how its own program is started, which is nobody's business here.
  const [words] = cause.message.split("; if the root CA");
  return { says: `The handshake with ${server} failed: ${words} (${cause.code}).${shown}`, code };
}

/** TLS 1.3: the server's judgement of our certificate comes after the handshake, as an alert or as a plain end. */
function explainBreak(cause: Error, { serverName, diagnose }: HandshakeTrial): Trouble {
  const { code } = diagnose(cause, serverName);
  const named = code.startsWith("TLS_CLIENT_CERT") ? code : "TLS_CLIENT_CERT_REFUSED";
  return { says: `After the handshake the server broke off: ${formatCause(cause)}.`, code: named };
}
