import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect, type SecureContext, type TLSSocket } from "node:tls";
import type { Clock } from "../../base/index.ts";
import type { KeptSession } from "./sessions.ts";
import type { TlsTarget } from "./tls-identity.ts";

export interface Resumed {
  readonly tls: TLSSocket;
  readonly protocol: string;
  readonly alpn: string | undefined;
}

export interface ResumeOptions {
  readonly context: SecureContext;
  readonly target: TlsTarget;
  readonly kept: KeptSession;
  readonly clock: Clock;
  readonly onSession: (session: Buffer) => void;
  readonly timeoutMs?: number;
}

/** A resumption takes one round trip and no person. */
const resumeMs = 10_000;

/**
 * Come back with a ticket, on this thread and without any key. Undefined: the server wants none of it, and the socket is closed.
 *
 * SECURITY: whether the session was really resumed is looked at before the first byte. A server that refuses the ticket and does not
 * insist on a certificate would take us for somebody anonymous.
 */
export async function resume(
  socket: Duplex,
  { context, target, kept, clock, onSession, timeoutMs = resumeMs }: ResumeOptions,
): Promise<Resumed | undefined> {
  const { serverName, alpn } = target;
  const tls = connect({
    socket,
    secureContext: context,
    session: kept.session,
    host: serverName,
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
    // What is not resumed is closed, whatever its certificate.
    rejectUnauthorized: false,
  });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const refused = (): void => resolve(false);
  const stopTimer = clock.after(timeoutMs, refused);
  tls.on("error", ignoreAfterwards);
  tls.once("error", refused);
  tls.once("close", refused);
  tls.once("secureConnect", () => resolve(tls.isSessionReused() && tls.authorized));
  tls.on("session", onSession);
  const isResumed = await promise;
  stopTimer();
  tls.off("error", refused);
  tls.off("close", refused);
  if (!isResumed || tls.destroyed) {
    tls.off("session", onSession);
    tls.destroy();
    socket.destroy();
    return undefined;
  }
  tls.off("error", ignoreAfterwards);
  return { tls, protocol: tls.getProtocol() ?? "unknown", alpn: tls.alpnProtocol || undefined };
}

/** A server that refuses a ticket often says so twice. */
function ignoreAfterwards(): void {}
