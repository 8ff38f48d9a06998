import { AgentError } from "../base/index.ts";
import type { BackendConfig, IdentityConfig, Snapshot } from "../config/index.ts";
import { createTlsConnector, type Secure, type Shown, type TlsRooms } from "../dial/index.ts";

/** TLS with a backend's server, as configured; undefined when the backend is spoken to in clear. */
export function createSecure({ name, address, tls }: BackendConfig, snapshot: Snapshot, rooms: TlsRooms): Secure | undefined {
  if (tls === undefined || address === undefined) return undefined;
  const { config, pem } = snapshot;
  const { serverName = address.host, caPath, crlPath, identity, pins, uris, dangerouslySkipVerification } = tls;
  const [ca, crl] = [caPath, crlPath].map((file) => (file === undefined ? undefined : pem.get(file)));
  const shown = shownBy(
    config.identities.find((one) => one.name === identity),
    snapshot,
  );
  try {
    const server = { ...address, serverName, pins, uris, dangerouslySkipVerification };
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

/** What an identity of the configuration shows to servers. */
function shownBy(identity: IdentityConfig | undefined, { pem }: Snapshot): Shown | undefined {
  if (identity === undefined) return undefined;
  if (identity.kind !== "file")
    throw new AgentError("CONFIG_INVALID", `identities.${identity.name}: keys of kind ${identity.kind} are not available yet`);
  const [cert, key] = [pem.get(identity.certPath), pem.get(identity.keyPath)];
  if (cert === undefined || key === undefined)
    throw new AgentError("CONFIG_INVALID", `identities.${identity.name}: certificate or key was not read`);
  return { cert, key };
}
