/**
 * The configuration file `portail.yaml`, declared once. The JSON Schema for editors and `docs/configuration.md` are made from this
 * table; `agent/config` reads files by it and turns them into the agent's own nouns. It only says what may be written:
 * which of it this version serves is `agent/config`'s business.
 *
 * Every key has a description, every text has its form as a pattern, and nothing is transformed here, so that the JSON Schema says
 * exactly what the agent checks.
 */
import { z } from "zod";
import { authorities, duration, filePath, hostPort, listen, name, secret, size, text, url, word } from "./config-words.ts";
import { enrollSchema } from "./enroll-config.ts";

const users = z
  .union([z.enum(["self", "any"]), z.array(name).min(1).max(256)])
  .default("self")
  .describe("Who on this machine may use the listener: `self` (the agent's own user), `any`, or a list of user names.");

const serverTlsSchema = z
  .strictObject({
    cert: filePath("Certificate chain, PEM."),
    key: filePath("Private key, PEM; readable by the agent's user only."),
    client_ca: filePath("Authorities of client certificates, PEM. With it a client certificate is required.").optional(),
    crl: filePath("Revocation lists of those authorities, PEM; a file or a directory.").optional(),
  })
  .describe("TLS on the listener's own port.");

const clientTlsSchema = z
  .strictObject({
    server_name: word("Name that the server's certificate must carry; the host of the address when absent.", 253).optional(),
    ca: z
      .union([authorities, z.array(authorities).min(1).max(64)])
      .optional()
      .describe(
        "Authorities that may have issued the server's certificate: PEM files, directories, `system`, `bundled`, `preset:aws-rds`, `preset:azure`; " +
          "one or a list. Those of the runtime when absent.",
      ),
    identity: name.optional().describe("Which of `identities` to show to the server."),
    crl: filePath("Revocation lists, PEM, a file or a directory; with it each issuer of the chain needs one that is current.").optional(),
    pins: z
      .array(
        text(
          /^(?:sha256\/[A-Za-z0-9+/]{43}=|file:.+)$/,
          "the hash of a public key such as sha256/ and 44 characters of base64, or file: and a path",
        ),
      )
      .min(1)
      .max(16)
      .optional()
      .describe(
        "Accepted public keys of the server, beside everything else that must hold; `file:PATH` names a file with one in each line.",
      ),
    uris: z
      .array(text(/^[A-Za-z][A-Za-z0-9+.-]*:[^\s"]{1,2048}$/, "a URI such as spiffe://corp.example/gateway"))
      .min(1)
      .max(16)
      .optional()
      .describe("Accepted URI names of the server's certificate (SPIFFE and others); one of them then replaces `server_name`."),
    verify: filePath(
      "A check of your own: an ES module whose default export is asked about each server, beside everything else that must hold; see docs/trust.md.",
    ).optional(),
    dangerously_skip_verification: z
      .boolean()
      .optional()
      .describe("Accept any certificate: whoever is on the way can read and change everything. Shown as an alarm while it is set."),
  })
  .describe("TLS towards the server.");

const proxyListenerSchema = z
  .strictObject({
    kind: z.literal("proxy").describe("SOCKS5 and HTTP proxying on one port, told apart by their first bytes."),
    listen: listen("Where to listen; one address or a list. Port 0 picks a free one."),
    users,
    protocols: z
      .array(z.enum(["socks5", "http"]))
      .min(1)
      .default(["socks5", "http"])
      .describe("Which protocols are served; `http` is HTTP/1.1 and HTTP/2."),
    tls: serverTlsSchema.optional(),
    login: z
      .strictObject({
        username: word("User name that programs must give."),
        password: secret("Password that programs must give: where it lies, such as `file:secrets/proxy`."),
      })
      .optional()
      .describe("Asks every program for a login, by SOCKS5 and by HTTP. For machines where the user of a connection cannot be found out."),
  })
  .describe("A way in for programs that speak SOCKS5 or know an HTTP proxy.");

const personaProtocols = ["tcp", "postgres", "mysql", "smtp", "lmtp", "imap", "pop3", "ftp", "nntp", "sieve", "ldap"] as const;

const personaListenerSchema = z
  .strictObject({
    kind: z.literal("persona").describe("A plain local port that is one service on the far side, reached with the person's identity."),
    listen: listen("Where to listen; one address or a list."),
    users,
    target: hostPort("The service behind the port."),
    protocol: z
      .enum(personaProtocols)
      .default("tcp")
      .describe("How TLS begins on the way out: at once (`tcp`) or in the protocol's own words."),
    via: z.array(name).min(1).max(16).optional().describe("Backends to try in this order; the policy's routes decide when absent."),
    tls: clientTlsSchema.optional(),
  })
  .describe("One service as a local port.");

const gatewayListenerSchema = z
  .strictObject({
    kind: z.literal("gateway").describe("The far end: TLS by server name, HTTP/1.1 and HTTP/2 towards registered services."),
    listen: listen("Where to listen; one address or a list."),
  })
  .describe("The far end of other agents.");

const transparentListenerSchema = z
  .strictObject({
    kind: z.literal("transparent").describe("Captured connections of programs that know of no proxy (Linux)."),
    listen: listen("Where captured connections arrive; one address or a list."),
    users,
  })
  .describe("A way in for captured connections.");

export const listenerSchema = z.discriminatedUnion("kind", [
  proxyListenerSchema,
  personaListenerSchema,
  gatewayListenerSchema,
  transparentListenerSchema,
]);

const throughServer = {
  address: hostPort("Where the server is; names are allowed."),
  via: name.optional().describe("Another backend through which the server is reached; directly when absent."),
  tls: clientTlsSchema.optional(),
  check: z
    .strictObject({
      every: duration("How often it is looked at while nobody uses it."),
      timeout: duration("How long one look may take.").default("5s"),
      target: hostPort("A service behind it that must be reached; the server itself when absent.").optional(),
    })
    .optional()
    .describe(
      "Looks at the way out without using it, so that a broken one is known early and a mended one is used at once. Off when absent.",
    ),
};

const proxyAuthorities = z
  .union([authorities, z.array(authorities).min(1).max(64)])
  .optional()
  .describe("Authorities of `https:` proxies and of the PAC file's server, as in `tls.ca`.");

export const backendSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("direct").describe("Straight to the destination.") }).describe("Straight to the destination."),
  z
    .strictObject({
      kind: z.literal("environment").describe("Through the proxies that `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy` name."),
      ca: proxyAuthorities,
    })
    .describe("Through the proxies of the agent's environment."),
  z
    .strictObject({
      kind: z.literal("pac").describe("Through the proxies that a PAC file names."),
      pac: text(/^[^\0]{1,4096}$/, "the path of a PAC file or its https URL").describe("The PAC file: a path or an `https:` URL."),
      refresh: duration("How old a fetched file may become; it is fetched again when somebody uses it.").default("1h"),
      ca: proxyAuthorities,
    })
    .describe("Through the proxies that a PAC file names."),
  z
    .strictObject({
      kind: z.literal("socks5").describe("Through a SOCKS5 server."),
      ...throughServer,
      username: word("User name at the server.").optional(),
      password: secret("Password at the server: where it lies, such as `file:secrets/paris`.").optional(),
    })
    .describe("Through a SOCKS5 server."),
  z
    .strictObject({
      kind: z.literal("http").describe("Through an HTTP proxy by CONNECT over HTTP/1.1."),
      ...throughServer,
      username: word("User name at the proxy.").optional(),
      password: secret("Password at the proxy: where it lies, such as `file:secrets/paris`.").optional(),
      token: secret("Bearer token for the proxy, instead of user name and password: where it lies.").optional(),
      plain: z
        .enum(["connect", "forward"])
        .default("connect")
        .describe(
          "How requests for `http:` go through the proxy: by CONNECT as everything else, or `forward`ed, for proxies that refuse CONNECT to port 80.",
        ),
    })
    .describe("Through an HTTP proxy."),
  z
    .strictObject({
      kind: z.literal("http2").describe("Many tunnels on one HTTP/2 connection."),
      ...throughServer,
      username: word("User name at the proxy.").optional(),
      password: secret("Password at the proxy: where it lies, such as `file:secrets/paris`.").optional(),
      token: secret("Bearer token for the proxy, instead of user name and password: where it lies.").optional(),
      connections: z
        .int()
        .min(1)
        .max(64)
        .default(4)
        .describe(
          "At most so many connections to the proxy; one more is opened when the proxy allows no more tunnels on those that are open.",
        ),
    })
    .describe("Through an HTTP/2 proxy, many tunnels on one connection."),
  z
    .strictObject({
      kind: z.literal("ssh").describe("Through an SSH server."),
      ...throughServer,
      username: word("User name at the server; the person's own when absent.").optional(),
      known_hosts: filePath(
        "Host keys that are accepted, beside those that the person has accepted here; `~/.ssh/known_hosts` when absent.",
      ).optional(),
      first_use: z
        .enum(["ask", "refuse"])
        .default("ask")
        .describe("What happens when nothing is known of the server's key: the person is asked, or the connection is refused."),
      identity: name.optional().describe("Which of `identities` logs in: its key, by `publickey`."),
      key: filePath("A private key that logs in, as `ssh-keygen` makes it; the person is asked for its passphrase.").optional(),
      agent: z
        .union([z.boolean(), filePath("The socket of an ssh-agent.")])
        .optional()
        .describe(
          "Log in with the keys of the ssh-agent at `SSH_AUTH_SOCK` (`true`) or at this socket. Used when nothing else is configured, unless `false`.",
        ),
      password: secret("Password at the server: where it lies, such as `file:secrets/paris`.").optional(),
    })
    .describe("Through an SSH server, many tunnels on one connection."),
]);

export const identitySchema = z.discriminatedUnion("kind", [
  z
    .strictObject({
      kind: z.literal("pkcs11").describe("A key in a token: smart card, security key, TPM behind a PKCS#11 module."),
      uri: text(/^pkcs11:\S*$/, "a URI such as pkcs11:token=portail;object=device").describe("Which key (RFC 7512)."),
      module: filePath("The PKCS#11 module to load.").optional(),
      pin: secret("Where the PIN lies; the person is asked when absent.").optional(),
      enroll: enrollSchema.optional(),
    })
    .describe("A key that never leaves its token."),
  z
    .strictObject({
      kind: z.literal("tpm2").describe("A key in the machine's TPM 2.0."),
      handle: text(/^0x[0-9A-Fa-f]{8}$/, "a persistent handle such as 0x81000001")
        .describe("Persistent handle of the key.")
        .optional(),
      token: text(/^[\x21-\x7e][\x20-\x7e]{0,31}$/, "the label of a token")
        .describe("Which token of tpm2-pkcs11, by label; needed when there are several.")
        .optional(),
      label: text(/^[\x21-\x7e][\x20-\x7e]{0,254}$/, "the label of a key")
        .describe("Which key, by label; needed when there are several.")
        .optional(),
      id: text(/^([0-9a-f]{2}){1,64}$/, "bytes in hexadecimal such as 3131")
        .describe("Which key, by its CKA_ID.")
        .optional(),
      pin: secret("Where the PIN lies; the person is asked when absent.").optional(),
      cert: filePath("Certificate chain, PEM.").optional(),
      enroll: enrollSchema.optional(),
    })
    .describe("A key that never leaves the machine."),
  z
    .strictObject({
      kind: z.literal("file").describe("A certificate and its key in files."),
      cert: filePath("Certificate chain, PEM.").optional(),
      key: filePath("Private key, PEM, encrypted or not; readable by the agent's user only.").optional(),
      p12: filePath("Certificate chain and key in one PKCS#12 container, instead of `cert` and `key`.").optional(),
      password: secret("Password of an encrypted key or container: where it lies; the person is asked when absent.").optional(),
      enroll: enrollSchema.optional(),
    })
    .describe("A certificate and its key in files."),
]);

const oidcSchema = z
  .strictObject({
    issuer: url("The issuer that signs people in."),
    client_id: word("The agent's client id at the issuer."),
    client_secret: secret("Where the client secret lies, for issuers that insist on one.").optional(),
    scopes: z.array(word("A scope.")).min(1).default(["openid", "profile"]).describe("Scopes to ask for."),
    groups_claim: word("The claim that holds the person's groups.").default("groups"),
  })
  .describe("How the person signs in.");

const contextSchema = z
  .strictObject({
    inventory: z.record(z.string(), z.unknown()).optional().describe("Facts about devices."),
    geo: z.record(z.string(), z.unknown()).optional().describe("Countries of addresses."),
    posture: z.record(z.string(), z.unknown()).optional().describe("How this machine is set up."),
    risk: z.record(z.string(), z.unknown()).optional().describe("Risk scores."),
  })
  .default({})
  .describe("Sources of facts for the policy.");

const auditSchema = z
  .strictObject({
    keep: duration("How long records are kept.").default("90d"),
    max_bytes: size("How large the record may grow; the oldest go first.").default("2GB"),
    sync: z
      .enum(["process", "full"])
      .default("process")
      .describe("`process`: an acknowledged record survives the death of the agent. `full`: and a power cut, for a disk flush each time."),
  })
  .prefault({})
  .describe("The record of every decision.");

const resolverSchema = z
  .strictObject({
    servers: z
      .array(
        text(
          /^(?:\[[0-9A-Fa-f:.]+\]:\d{1,5}|[0-9A-Fa-f:.]+(?::\d{1,5})?)$/,
          "an address such as 9.9.9.9, 192.0.2.1:5353 or [2001:db8::1]:53",
        ),
      )
      .max(8)
      .default([])
      .describe("Name servers to ask instead of the system's resolver."),
    timeout: duration("How long one question may take.").default("5s"),
  })
  .prefault({})
  .describe("How names become addresses.");

const limitsSchema = z
  .strictObject({
    connections: z.int().min(1).max(1_000_000).default(20_000).describe("Most connections at a time, all listeners together."),
    handshake: duration("How long a program may take to say what it wants.").default("10s"),
    connect: duration("How long opening the way out may take.").default("15s"),
    idle: duration("How long an open connection may be silent.").default("1h"),
    lifetime: duration("How long a connection may live; the policy may say less.").default("7d"),
    drain: duration("How long running connections may go on when the agent stops.").default("10s"),
  })
  .prefault({})
  .describe("Bounds on connections.");

export const configFileSchema = z
  .strictObject({
    listeners: z
      .record(name, listenerSchema)
      .default({ local: { kind: "proxy", listen: "127.0.0.1:1080", users: "self", protocols: ["socks5", "http"] } })
      .describe("Ways in, by name."),
    backends: z.record(name, backendSchema).default({}).describe("Ways out, by name; `direct` is built in."),
    identities: z.record(name, identitySchema).default({}).describe("Certificates and keys to show to servers, by name."),
    oidc: oidcSchema.optional(),
    context: contextSchema,
    policy: filePath("The policy file. Absent: the built-in policy, which allows the person's own traffic and logs it.").optional(),
    watch: z
      .enum(["trust", "all", "none"])
      .default("trust")
      .describe(
        "What is loaded again by itself when it changes on the disk: `trust` (certificates, keys, authorities, revocation lists, pins), " +
          "`all` (the configuration and the policy too) or `none`.",
      ),
    audit: auditSchema,
    metrics: z
      .strictObject({ listen: listen("Where to serve the figures.") })
      .optional()
      .describe("Figures for Prometheus; off unless asked for."),
    resolver: resolverSchema,
    limits: limitsSchema,
  })
  .describe("Configuration of the Portail agent.");

/** The file as written, defaults filled in. */
export type ConfigFile = z.output<typeof configFileSchema>;
export type ConfigFileListener = z.output<typeof listenerSchema>;
export type ConfigFileBackend = z.output<typeof backendSchema>;
export type ConfigFileIdentity = z.output<typeof identitySchema>;
export type ConfigFileEnrolment = NonNullable<ConfigFileIdentity["enroll"]>;
