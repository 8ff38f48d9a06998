import { dirname, resolve } from "node:path";
import { parseDuration } from "../base/index.ts";
import type { ConfigFile, ConfigFileBackend, ConfigFileIdentity, ConfigFileListener } from "../contract/index.ts";
import type {
  BackendConfig,
  ClientTls,
  Config,
  EnrolmentConfig,
  IdentityConfig,
  ListenAddress,
  ListenerConfig,
  ServerTls,
  SshConfig,
  Users,
} from "./config.ts";
import { buildEnrolment } from "./build-enrolment.ts";
import { authoritiesAt } from "./authorities.ts";
import { parseHostPort, parseListenAddress } from "./listen-address.ts";
import { parseSize } from "./size.ts";

/** The built-in way out, which needs no line in the file. */
const DIRECT: BackendConfig = { name: "direct", kind: "direct" };

/** From the file's words to the agent's nouns. The file has been checked: what cannot be read here was reported before. */
export function buildConfig(file: ConfigFile, from: { readonly text: string; readonly path?: string }): Config {
  const directory = from.path === undefined ? "." : dirname(resolve(from.path));
  const backends = Object.entries(file.backends).map(([name, backend]) => buildBackend(name, backend, directory));
  return {
    ...(from.path === undefined ? {} : { path: resolve(from.path) }),
    text: from.text,
    listeners: Object.entries(file.listeners).map(([name, listener]) => buildListener(name, listener, directory)),
    backends: backends.some(({ name }) => name === DIRECT.name) ? backends : [...backends, DIRECT],
    identities: Object.entries(file.identities).map(([name, identity]) => buildIdentity(name, identity, directory)),
    ...(file.policy === undefined ? {} : { policyPath: resolve(directory, file.policy) }),
    watch: file.watch,
    audit: { keepMs: durationMs(file.audit.keep), maxBytes: parseSize(file.audit.max_bytes) ?? 0, sync: file.audit.sync },
    ...(file.metrics === undefined ? {} : { metrics: { listen: addressesOf(file.metrics.listen, directory) } }),
    resolver: { servers: file.resolver.servers, timeoutMs: durationMs(file.resolver.timeout) },
    limits: buildLimits(file.limits),
  };
}

function buildLimits(limits: ConfigFile["limits"]): Config["limits"] {
  return {
    connections: limits.connections,
    handshakeMs: durationMs(limits.handshake),
    connectMs: durationMs(limits.connect),
    idleMs: durationMs(limits.idle),
    lifetimeMs: durationMs(limits.lifetime),
    drainMs: durationMs(limits.drain),
  };
}

function buildListener(name: string, listener: ConfigFileListener, directory: string): ListenerConfig {
  const listen = addressesOf(listener.listen, directory);
  switch (listener.kind) {
    case "proxy": {
      const tls = listener.tls === undefined ? {} : { tls: buildServerTls(listener.tls, directory) };
      const protocols = [...new Set(listener.protocols)];
      const { username, password } = listener.login ?? {};
      const login =
        username === undefined || password === undefined ? {} : { login: { username, passwordPath: secretPath(password, directory) } };
      return { kind: "proxy", name, listen, users: usersOf(listener.users), protocols, ...tls, ...login };
    }
    case "persona": {
      const tls = listener.tls === undefined ? {} : { tls: buildClientTls(listener.tls, directory) };
      const target = parseHostPort(listener.target) ?? { host: "", port: 0 };
      return {
        kind: "persona",
        name,
        listen,
        users: usersOf(listener.users),
        target,
        protocol: listener.protocol,
        via: listener.via ?? [],
        ...tls,
      };
    }
    case "gateway":
      return { kind: "gateway", name, listen };
    case "transparent":
      return { kind: "transparent", name, listen, users: usersOf(listener.users) };
  }
}

function buildBackend(name: string, backend: ConfigFileBackend, directory: string): BackendConfig {
  const address = "address" in backend ? parseHostPort(backend.address) : undefined;
  const tls = "tls" in backend && backend.tls !== undefined ? { tls: buildClientTls(backend.tls, directory) } : {};
  const words = backend as { readonly [key in "username" | "via" | "password" | "token"]?: string | undefined };
  return {
    name,
    kind: backend.kind,
    ...(address === undefined ? {} : { address }),
    ...tls,
    ...("check" in backend && backend.check !== undefined ? { check: buildCheck(backend.check) } : {}),
    ...(words.via === undefined ? {} : { via: words.via }),
    ...(words.username === undefined ? {} : { username: words.username }),
    ...(words.password === undefined ? {} : { passwordPath: secretPath(words.password, directory) }),
    ...(words.token === undefined ? {} : { tokenPath: secretPath(words.token, directory) }),
    ...buildOfKind(backend, directory),
  };
}

/** What one kind has and no other. */
function buildOfKind(backend: ConfigFileBackend, directory: string): Partial<BackendConfig> {
  switch (backend.kind) {
    case "environment":
    case "pac":
      return buildProxySettings(backend, directory);
    case "http":
      return backend.plain === "forward" ? { forwardsPlain: true } : {};
    case "http2":
      return { connections: backend.connections };
    case "ssh":
      return { ssh: buildSsh(backend, directory) };
    case "direct":
    case "socks5":
      return {};
  }
}

function buildSsh(ssh: Extract<ConfigFileBackend, { kind: "ssh" }>, directory: string): SshConfig {
  const { identity, key, password, agent = identity === undefined && key === undefined && password === undefined } = ssh;
  return {
    firstUse: ssh.first_use,
    agent: typeof agent === "string" ? resolve(directory, agent) : agent,
    ...(ssh.known_hosts === undefined ? {} : { knownHostsPath: resolve(directory, ssh.known_hosts) }),
    ...(identity === undefined ? {} : { identity }),
    ...(key === undefined ? {} : { keyPath: resolve(directory, key) }),
  };
}

type ConfigFileProxySettings = Extract<ConfigFileBackend, { kind: "environment" | "pac" }>;

function buildProxySettings(settings: ConfigFileProxySettings, directory: string): Pick<BackendConfig, "proxyCa" | "pac"> {
  const ca = settings.ca === undefined ? undefined : [settings.ca].flat().map((one) => authoritiesAt(one, directory));
  const trust = ca === undefined ? {} : { proxyCa: ca };
  if (settings.kind === "environment") return trust;
  const { pac, refresh } = settings;
  if (!isUrl(pac)) return { ...trust, pac: { kind: "file", path: resolve(directory, pac) } };
  return { ...trust, pac: { kind: "url", url: pac, refreshMs: durationMs(refresh), ...(ca === undefined ? {} : { ca }) } };
}

/** Whether a PAC file is fetched. */
export function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
}

type ConfigFileCheck = NonNullable<Extract<ConfigFileBackend, { kind: "http" }>["check"]>;

function buildCheck({ every, timeout, target }: ConfigFileCheck): NonNullable<BackendConfig["check"]> {
  const parsed = target === undefined ? undefined : parseHostPort(target);
  return { everyMs: durationMs(every), timeoutMs: durationMs(timeout), ...(parsed === undefined ? {} : { target: parsed }) };
}

function secretPath(reference: string, directory: string): string {
  return resolve(directory, reference.replace(/^file:/, ""));
}

function buildIdentity(name: string, identity: ConfigFileIdentity, directory: string): IdentityConfig {
  const enroll = enrollOf(identity, directory);
  switch (identity.kind) {
    case "file":
      return buildFileIdentity(name, identity, directory);
    case "pkcs11":
      return {
        kind: "pkcs11",
        name,
        ...enroll,
        uri: identity.uri,
        ...(identity.module === undefined ? {} : { modulePath: resolve(directory, identity.module) }),
        ...(identity.pin === undefined ? {} : { pinPath: secretPath(identity.pin, directory) }),
      };
    case "tpm2":
      return {
        kind: "tpm2",
        name,
        ...enroll,
        ...(identity.handle === undefined ? {} : { handle: identity.handle }),
        ...(identity.token === undefined ? {} : { token: identity.token }),
        ...(identity.label === undefined ? {} : { label: identity.label }),
        ...(identity.id === undefined ? {} : { id: identity.id }),
        ...(identity.pin === undefined ? {} : { pinPath: secretPath(identity.pin, directory) }),
        ...(identity.cert === undefined ? {} : { certPath: resolve(directory, identity.cert) }),
      };
  }
}

function buildFileIdentity(
  name: string,
  identity: Extract<ConfigFileIdentity, { readonly kind: "file" }>,
  directory: string,
): IdentityConfig {
  const { cert = "", key = "", p12, password } = identity;
  const passwordPath = password === undefined ? {} : { passwordPath: secretPath(password, directory) };
  const files =
    p12 === undefined ? { certPath: resolve(directory, cert), keyPath: resolve(directory, key) } : { p12Path: resolve(directory, p12) };
  return { kind: "file", name, ...files, ...passwordPath, ...enrollOf(identity, directory) };
}

function enrollOf({ enroll }: ConfigFileIdentity, directory: string): { readonly enroll?: EnrolmentConfig } {
  return enroll === undefined ? {} : { enroll: buildEnrolment(enroll, directory) };
}

function buildServerTls(
  tls: { cert: string; key: string; client_ca?: string | undefined; crl?: string | undefined },
  directory: string,
): ServerTls {
  const clientCa = tls.client_ca === undefined ? {} : { clientCaPath: resolve(directory, tls.client_ca) };
  return { certPath: resolve(directory, tls.cert), keyPath: resolve(directory, tls.key), ...clientCa, ...crlOf(tls, directory) };
}

function crlOf({ crl }: { crl?: string | undefined }, directory: string): { readonly crlPath?: string } {
  return crl === undefined ? {} : { crlPath: resolve(directory, crl) };
}

type ConfigFileClientTls = NonNullable<Extract<ConfigFileBackend, { kind: "http" }>["tls"]>;

function buildClientTls(tls: ConfigFileClientTls, directory: string): ClientTls {
  return {
    ...crlOf(tls, directory),
    pins: (tls.pins ?? []).filter((pin) => !isReference(pin)).map((pin) => pin.replace("sha256/", "")),
    pinPaths: (tls.pins ?? []).filter(isReference).map((pin) => secretPath(pin, directory)),
    uris: tls.uris ?? [],
    dangerouslySkipVerification: tls.dangerously_skip_verification ?? false,
    ...(tls.server_name === undefined ? {} : { serverName: tls.server_name }),
    ...(tls.ca === undefined ? {} : { ca: [tls.ca].flat().map((one) => authoritiesAt(one, directory)) }),
    ...(tls.identity === undefined ? {} : { identity: tls.identity }),
    ...(tls.verify === undefined ? {} : { verifyPath: resolve(directory, tls.verify) }),
  };
}

function isReference(text: string): boolean {
  return text.startsWith("file:");
}

function usersOf(users: "self" | "any" | readonly string[]): Users {
  return typeof users === "string" ? { kind: users } : { kind: "named", names: users };
}

export function addressesOf(listen: string | readonly string[], directory: string): ListenAddress[] {
  return [listen].flat().flatMap((text) => parseListenAddress(text, directory) ?? []);
}

function durationMs(text: string): number {
  return parseDuration(text) ?? 0;
}
