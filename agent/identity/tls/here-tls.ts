import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect } from "node:tls";
import type { KeyObject, X509Certificate } from "node:crypto";
import type { Clock } from "../../base/index.ts";
import type { KeyStore } from "../key-store.ts";
import type { Sessions } from "./sessions.ts";
import { type TlsConnection, TlsFailed, type TlsIdentity, type TlsTarget } from "./tls-identity.ts";

export interface HereTlsOptions {
  readonly store: KeyStore;
  readonly sessions: Sessions;
  readonly clock: Clock;
}

const handshakeMs = 30_000;

/** TLS with a key of this process: ticket and key are offered together, so a refused ticket becomes a full handshake by itself. */
export class HereTls implements TlsIdentity {
  readonly name: string;
  readonly #options: HereTlsOptions;

  constructor(options: HereTlsOptions) {
    this.name = options.store.name;
    this.#options = options;
  }

  async ready(): Promise<void> {
    await this.#options.store.open();
  }

  async connectTls(socket: Duplex, target: TlsTarget): Promise<TlsConnection> {
    const { store, sessions, clock } = this.#options;
    const { chain, privateKey } = await store.open();
    const key = JSON.stringify([target.sessionKey, target.serverName, target.ca, target.crl, target.alpn, chain[0].fingerprint256]);
    const kept = sessions.newest(key);
    const { era } = sessions;
    const tls = connect({
      ...connectOptions(target),
      socket,
      cert: chain.map((certificate) => certificate.toString()).join(""),
      ...(privateKey === undefined ? {} : { key: pemOf(privateKey) }),
      ...(kept === undefined ? {} : { session: kept.session }),
    });
    let peer: X509Certificate | undefined;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stopTimer = clock.after(target.timeoutMs ?? handshakeMs, () =>
      reject(new TlsFailed("ETIMEDOUT", "the handshake did not end in time")),
    );
    const closed = (): void => reject(new TlsFailed("ECONNRESET", "the connection was closed during the handshake"));
    tls.on("error", (cause: NodeJS.ErrnoException) =>
      reject(new TlsFailed(cause.code ?? "ERR_TLS", cause.message, tls.getPeerX509Certificate())),
    );
    tls.on("close", closed);
    tls.once("secureConnect", resolve);
    tls.on("session", (session: Buffer) => {
      if (peer !== undefined) sessions.keep(key, { session, peer }, era);
    });
    try {
      await promise;
      const resumed = tls.isSessionReused();
      peer = resumed ? kept?.peer : tls.getPeerX509Certificate();
      if (peer === undefined) throw new TlsFailed("ERR_TLS_CERT", "the server showed no certificate");
      const why = target.checkPeer?.(peer, target.serverName);
      if (why !== undefined) throw why;
      return {
        stream: tls,
        protocol: tls.getProtocol() ?? "unknown",
        alpn: tls.alpnProtocol || undefined,
        resumed,
        peer,
        carriedBy: "main",
      };
    } catch (cause) {
      tls.destroy();
      throw cause;
    } finally {
      stopTimer();
      tls.off("close", closed);
    }
  }
}

function connectOptions({ serverName, ca, crl, alpn, checkPeer, minVersion, maxVersion }: TlsTarget): object {
  return {
    host: serverName,
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    ...(ca === undefined ? {} : { ca: [...ca] }),
    ...(crl === undefined ? {} : { crl: [...crl] }),
    ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
    ...(checkPeer === undefined ? {} : { checkServerIdentity: () => undefined }),
    // SECURITY: said, because NODE_TLS_REJECT_UNAUTHORIZED changes the default.
    rejectUnauthorized: true,
    minVersion: minVersion ?? "TLSv1.2",
    maxVersion: maxVersion ?? "TLSv1.3",
  };
}

/** SECURITY: `tls.connect` takes keys as text only; this text lives as long as the handshake's context. */
const pemOf = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();
