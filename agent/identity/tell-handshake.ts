import net from "node:net";
import type { X509Certificate } from "node:crypto";
import { AgentError, formatCause } from "../base/index.ts";
import type { HandshakeStory } from "../contract/index.ts";
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
  readonly monotonic: () => number;
}

const connectMs = 10_000;

/** Shake hands with a server twice, once in full and once with a ticket, and tell in plain words how it went. Never rejects. */
export async function tellHandshake(trial: HandshakeTrial): Promise<HandshakeStory> {
  const { view, host, port, monotonic } = trial;
  const steps: HandshakeStory["steps"] = [];
  const tell = (says: string, ok = true): void => void steps.push({ ok, says });
  const give = (says: string): HandshakeStory => {
    tell(says, false);
    return { ok: false, steps };
  };
  if (view.state !== "ready") return give(`The identity cannot be used: ${view.problem ?? view.state}.`);
  tell(`We show ${view.subject ?? "a certificate"}, issued by ${view.issuer ?? "somebody"}; the key is ${view.key ?? "there"}.`);
  try {
    const startedAt = monotonic();
    const first = await connect(trial, startedAt);
    tell(`Connected to ${first.address}.`);
    tell(`${first.protocol} with ${describe(first.peer)}, in ${Math.round(monotonic() - startedAt)} ms.`);
    const trouble = await first.trouble;
    if (trouble !== undefined)
      return give(`After the handshake the server broke off: ${trouble}. It most likely does not accept our certificate.`);
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
    return give(explain(cause, `${host}:${port}`));
  }
}

/** `trial` keeps the tickets of one trial from those of another, and of connections that matter. */
async function connect({ identity, host, port, serverName, ca }: HandshakeTrial, trial: number) {
  const socket = await open(host, port);
  const address = `${socket.remoteAddress ?? host}:${port}`;
  const target = { serverName, sessionKey: `test ${trial} ${host}:${port}`, ...(ca === undefined ? {} : { ca }) };
  const { stream, protocol, peer, resumed } = await identity.connectTls(socket, target);
  // TLS 1.3: a server judges our certificate after we think that the handshake is over.
  const trouble = new Promise<string | undefined>((resolve) => {
    stream.once("error", (cause) => resolve(formatCause(cause)));
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
    socket.once("timeout", () => socket.destroy(new Error("no answer")));
    socket.once("error", reject);
  });
}

const lineOf = (name: string): string => name.replaceAll("\n", ", ");

const describe = (peer: X509Certificate): string =>
  `${lineOf(peer.subject) || (peer.subjectAltName ?? "a server without a name")}, issued by ${lineOf(peer.issuer)}`;

function explain(cause: unknown, server: string): string {
  if (cause instanceof AgentError) return cause.detail;
  if (!(cause instanceof TlsFailed)) return `${server} cannot be reached: ${formatCause(cause)}.`;
  const shown = cause.peer === undefined ? "" : ` It showed ${describe(cause.peer)}.`;
  return `The handshake with ${server} failed: ${cause.message} (${cause.code}).${shown}`;
}
