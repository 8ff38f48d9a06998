import { AgentError } from "../base/index.ts";
import {
  type BackendConfig,
  type IdentityConfig,
  type PemTexts,
  type ServerTls as ServerTlsConfig,
  type Snapshot,
  trustIn,
} from "../config/index.ts";
import { checkPeer, createTlsConnector, judged, type Secure, type Shown, type TlsRooms } from "../dial/index.ts";
import { assertServerTls, type ServerTls } from "../listeners/index.ts";
import { isEncryptedKey } from "../identity/index.ts";
import type { VerifyPlugins } from "./verify-plugins.ts";
import type { WiredIdentities } from "./wire-identities.ts";

export interface SecureRooms extends TlsRooms {
  readonly identities: Pick<WiredIdentities, "secureWith">;
  readonly plugins: Pick<VerifyPlugins, "judge">;
}

/** TLS with a backend's server, as configured; undefined when the backend is spoken to in clear. */
export function createSecure(backend: BackendConfig, snapshot: Snapshot, rooms: SecureRooms): Secure | undefined {
  const { address, tls } = backend;
  if (tls === undefined || address === undefined) return undefined;
  // RFC 9113 section 3.3: inside TLS both sides must agree on HTTP/2.
  const alpn = backend.kind === "http2" ? { alpn: ["h2"] } : {};
  const secure = createVerified({ name: backend.name, address, tls, ...alpn }, snapshot, rooms);
  const { verify } = trustIn(tls, snapshot.pem);
  return verify === undefined
    ? secure
    : judged(secure, rooms.plugins.judge(verify, { serverName: tls.serverName ?? address.host, ...address }));
}

interface SecuredBackend extends Required<Pick<BackendConfig, "name" | "address" | "tls">> {
  readonly alpn?: readonly string[];
}

/** As far as OpenSSL and our own checks can tell. */
function createVerified({ name, address, tls, ...offered }: SecuredBackend, snapshot: Snapshot, rooms: SecureRooms): Secure {
  const { config, pem } = snapshot;
  const { serverName = address.host, identity, uris, dangerouslySkipVerification } = tls;
  const { ca, crl, pins } = trustIn(tls, pem);
  const ours = config.identities.find((one) => one.name === identity);
  // SECURITY: a key that somebody guards is never shown to a server that was not verified.
  if (ours !== undefined && !isPlainPair(ours, snapshot)) {
    if (dangerouslySkipVerification === true)
      throw new AgentError(
        "CONFIG_INVALID",
        `backends.${name}.tls: an identity in a token, encrypted or enrolled needs a server that is verified`,
      );
    return rooms.identities.secureWith(ours.name, {
      serverName,
      ...offered,
      ...(ca === undefined ? {} : { ca }),
      ...(crl === undefined ? {} : { crl: [crl] }),
      checkPeer: (peer) => checkPeer(peer, { serverName, pins, uris }),
      sessionKey: JSON.stringify([rooms.tickets.era, name, address, pins, uris]),
    });
  }
  const shown = shownBy(ours, snapshot);
  try {
    const server = { ...address, ...offered, serverName, pins, uris, dangerouslySkipVerification };
    return createTlsConnector(
      {
        ...server,
        ...(ca === undefined ? {} : { ca }),
        ...(crl === undefined ? {} : { crl }),
        ...(shown === undefined ? {} : { shown }),
      },
      rooms,
    );
  } catch (cause) {
    if (!(cause instanceof AgentError)) throw cause;
    throw new AgentError(cause.code, `backends.${name}.tls: ${cause.detail}`, { cause });
  }
}

type PlainPair = Extract<IdentityConfig, { readonly kind: "file"; readonly certPath: string }>;

/** Whether certificate and key are part of the snapshot. What needs a password, or is renewed by itself, is read by its own room. */
function isPlainPair(identity: IdentityConfig, { pem }: Snapshot): identity is PlainPair {
  if (identity.kind !== "file" || identity.enroll !== undefined || "p12Path" in identity) return false;
  return !isEncryptedKey(pem.get(identity.keyPath) ?? "");
}

/** What an identity of the configuration shows to servers. */
function shownBy(identity: PlainPair | undefined, { pem }: Snapshot): Shown | undefined {
  if (identity === undefined) return undefined;
  const [cert, key] = [pem.get(identity.certPath), pem.get(identity.keyPath)];
  if (cert === undefined || key === undefined)
    throw new AgentError("CONFIG_INVALID", `identities.${identity.name}: certificate or key was not read`);
  return { cert, key };
}

/** The certificates of a listener, as they were read with its snapshot. */
export function serverTls({ certPath, keyPath, clientCaPath, crlPath }: ServerTlsConfig, pem: PemTexts): ServerTls {
  const [cert = "", key = "", clientCa, crl] = [certPath, keyPath, clientCaPath, crlPath].map((file) =>
    file === undefined ? undefined : pem.get(file),
  );
  // SECURITY: an authority that is configured and was not read must not become "any client".
  if (clientCaPath !== undefined && clientCa === undefined) throw new AgentError("CONFIG_INVALID", `${clientCaPath} was not read`);
  return { cert, key, ...(clientCa === undefined ? {} : { clientCa }), ...(crl === undefined ? {} : { crl }) };
}

/** Throws AgentError when a listener's certificate, key and lists do not work together. */
export function assertListenersTls({ config, pem }: Snapshot): void {
  for (const listener of config.listeners) {
    if (listener.kind === "proxy" && listener.tls !== undefined) assertServerTls(serverTls(listener.tls, pem));
  }
}
