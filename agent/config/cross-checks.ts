import { parseDuration } from "../base/index.ts";
import type { ConfigFile } from "../contract/index.ts";
import { isUrl } from "./build-config.ts";
import type { ListenAddress } from "./config.ts";
import { isLoopback, isSameAddress, parseHostPort, parseListenAddress } from "./listen-address.ts";
import { nearestWord } from "./nearest-word.ts";
import { formatPath, type PlacedMistake } from "./schema-mistakes.ts";
import { parseSize } from "./size.ts";
import type { Path } from "./yaml-tree.ts";

/** What the schema cannot say: parts that do not fit each other, and numbers out of range. Errors first, then warnings. */
export function crossCheck(file: ConfigFile): readonly PlacedMistake[] {
  const listens = listensOf(file);
  return [
    ...badAddresses(listens),
    ...takenTwice(listens),
    ...unknownReferences(file),
    ...badKeyFiles(file),
    ...badEnrolments(file),
    ...badLogins(file),
    ...circles(file),
    ...badSizes(file),
    ...badServers(file),
    ...badChecks(file),
    ...badPacs(file),
    ...openDoors(file),
  ];
}

interface Listen {
  readonly path: Path;
  readonly text: string;
  readonly address: ListenAddress | undefined;
}

function listensOf(file: ConfigFile): readonly Listen[] {
  const named: readonly (readonly [Path, string | readonly string[]])[] = [
    ...Object.entries(file.listeners).map(([name, { listen }]) => [["listeners", name, "listen"], listen] as const),
    ...(file.metrics === undefined ? [] : [[["metrics", "listen"], file.metrics.listen] as const]),
  ];
  return named.flatMap(([path, listen]) =>
    typeof listen === "string"
      ? [{ path, text: listen, address: parseListenAddress(listen, ".") }]
      : listen.map((text, index) => ({ path: [...path, index], text, address: parseListenAddress(text, ".") })),
  );
}

function* badAddresses(listens: readonly Listen[]): Generator<PlacedMistake> {
  for (const { path, text, address } of listens) {
    if (address === undefined) yield wrong(path, `${formatPath(path)} is no address with a port from 0 to 65535: "${text}"`);
  }
}

function* takenTwice(listens: readonly Listen[]): Generator<PlacedMistake> {
  for (const [index, { path, text, address }] of listens.entries()) {
    const first = listens
      .slice(0, index)
      .find((other) => address !== undefined && other.address !== undefined && isSameAddress(other.address, address));
    if (first === undefined) continue;
    const message = `${formatPath(path)} is the same address as ${formatPath(first.path)}: "${text}"`;
    yield { path, at: "value", code: "E_CONFLICT", message, hint: "choose another port" };
  }
}

function* unknownReferences(file: ConfigFile): Generator<PlacedMistake> {
  const backends = ["direct", ...Object.keys(file.backends)];
  const identities = Object.keys(file.identities);
  for (const [name, listener] of Object.entries(file.listeners)) {
    if (listener.kind !== "persona") continue;
    const via = listener.via ?? [];
    yield* via.flatMap((backend, index) => reference("backend", backend, { path: ["listeners", name, "via", index], known: backends }));
    yield* identityOf(listener.tls, ["listeners", name, "tls", "identity"], identities);
  }
  for (const [name, backend] of Object.entries(file.backends)) {
    if ("tls" in backend) yield* identityOf(backend.tls, ["backends", name, "tls", "identity"], identities);
    if ("via" in backend && backend.via !== undefined)
      yield* reference("backend", backend.via, { path: ["backends", name, "via"], known: backends });
    if (backend.kind === "ssh") yield* identityOf(backend, ["backends", name, "identity"], identities);
    if (name === "direct" && backend.kind !== "direct") {
      yield wrong(["backends", "direct", "kind"], "`direct` is the built-in way out and cannot be another kind", "choose another name");
    }
  }
}

/** What an authority would refuse in any case. */
function* badEnrolments(file: ConfigFile): Generator<PlacedMistake> {
  for (const [name, { enroll }] of Object.entries(file.identities)) {
    if (enroll === undefined) continue;
    const path = ["identities", name, "enroll"];
    if (!URL.canParse(enroll.url)) yield wrong([...path, "url"], "this is no URL");
    else if (holdsLogin(enroll.url)) yield login([...path, "url"]);
    if (enroll.kind === "est" && (enroll.username === undefined) !== (enroll.password === undefined))
      yield wrong(
        [...path, enroll.username === undefined ? "password" : "username"],
        "`username` and `password` go together",
        "write both, or none",
      );
    if (enroll.kind !== "acme") continue;
    if ((enroll.external_account === undefined) !== (enroll.mac === undefined))
      yield wrong(
        [...path, enroll.mac === undefined ? "external_account" : "mac"],
        "`external_account` and `mac` go together",
        "write both, or none",
      );
    if (enroll.names === undefined || !enroll.names.every((one) => /^(?:dns|ip):/.test(one)))
      yield {
        path: [...path, "kind"],
        at: "value",
        code: "E_VALUE",
        message: "ACME proves names of kind `dns:` and `ip:`, and wants one at least",
      };
  }
}

/** A key pair is two files or one container, and only what is two files can be enrolled for. */
function* badKeyFiles(file: ConfigFile): Generator<PlacedMistake> {
  for (const [name, identity] of Object.entries(file.identities)) {
    if (identity.kind !== "file") continue;
    const { cert, key, p12, enroll } = identity;
    const path = ["identities", name];
    if (p12 !== undefined && (cert !== undefined || key !== undefined))
      yield wrong([...path, "p12"], "`p12` replaces `cert` and `key`", "write the one or the others");
    else if (p12 === undefined && (cert === undefined || key === undefined))
      yield { path, at: "key", code: "E_MISSING_KEY", message: `\`${name}\` needs \`cert\` and \`key\`, or \`p12\`` };
    if (p12 !== undefined && enroll !== undefined)
      yield wrong([...path, "p12"], "a container cannot be enrolled for", "name two files in `cert` and `key`");
  }
}

/** Half a login, or two of them. */
function* badLogins(file: ConfigFile): Generator<PlacedMistake> {
  for (const [name, backend] of Object.entries(file.backends)) {
    if (backend.kind !== "socks5" && backend.kind !== "http" && backend.kind !== "http2") continue;
    const { username, password } = backend;
    const path = ["backends", name];
    if ((username === undefined) !== (password === undefined)) {
      const has = username === undefined ? "password" : "username";
      yield wrong([...path, has], "`username` and `password` go together", "write both, or none");
    }
    if (username?.includes(":") === true && backend.kind !== "socks5")
      yield wrong([...path, "username"], "a user name for HTTP cannot hold `:` (RFC 7617)");
    if ("token" in backend && backend.token !== undefined && username !== undefined) {
      yield wrong([...path, "token"], "a `token` replaces `username` and `password`", "write one of the two");
    }
  }
}

/** A way out that leads through itself leads nowhere. */
function* circles(file: ConfigFile): Generator<PlacedMistake> {
  const viaOf = (name: string): string | undefined => {
    const backend = file.backends[name];
    return backend !== undefined && "via" in backend ? backend.via : undefined;
  };
  for (const name of Object.keys(file.backends)) {
    const seen = [name];
    for (let next = viaOf(name); next !== undefined; next = viaOf(next)) {
      if (next === name)
        yield {
          path: ["backends", name, "via"],
          at: "value",
          code: "E_CONFLICT",
          message: `\`${name}\` leads through itself: ${[...seen, next].join(", ")}`,
        };
      if (seen.includes(next)) break;
      seen.push(next);
    }
  }
}

function identityOf(holder: { readonly identity?: string | undefined } | undefined, path: Path, known: readonly string[]): PlacedMistake[] {
  return holder?.identity === undefined ? [] : reference("identity", holder.identity, { path, known });
}

function reference(
  what: string,
  name: string,
  { path, known }: { readonly path: Path; readonly known: readonly string[] },
): PlacedMistake[] {
  if (known.includes(name)) return [];
  const meant = nearestWord(name, known);
  const listed = known.length === 0 ? "none is configured" : `configured: ${known.join(", ")}`;
  const hint = meant === undefined ? listed : `did you mean \`${meant}\`?`;
  return [{ path, at: "value", code: "E_REFERENCE", message: `unknown ${what} \`${name}\``, hint }];
}

/** Timers hold 31 bits of milliseconds; a longer limit would fire at once. */
const LONGEST_MS = 24 * 86_400_000;
const SHORTEST_MS = 10;
const LEAST_AUDIT_BYTES = 1_000_000;

function* badSizes(file: ConfigFile): Generator<PlacedMistake> {
  const { connections: _connections, ...times } = file.limits;
  const timers: readonly (readonly [Path, string])[] = [
    ...Object.entries(times).map(([key, text]) => [["limits", key], text] as const),
    [["resolver", "timeout"], file.resolver.timeout],
  ];
  for (const [path, text] of timers) {
    const ms = parseDuration(text);
    const least = path.at(-1) === "drain" ? 0 : SHORTEST_MS;
    if (ms === undefined || ms < least || ms > LONGEST_MS)
      yield wrong(path, `${formatPath(path)} must be from ${least}ms to 24d, not ${text}`);
  }
  if ((parseDuration(file.audit.keep) ?? 0) <= 0)
    yield wrong(["audit", "keep"], `audit.keep must be more than nothing, not ${file.audit.keep}`);
  if ((parseSize(file.audit.max_bytes) ?? 0) < LEAST_AUDIT_BYTES) {
    yield wrong(["audit", "max_bytes"], `audit.max_bytes must be at least 1MB, not ${file.audit.max_bytes}`);
  }
}

const SHORTEST_REFRESH_MS = 60_000;

/** SECURITY: whoever is on the way could send all connections through a proxy of his own. */
function* badPacs(file: ConfigFile): Generator<PlacedMistake> {
  for (const [name, backend] of Object.entries(file.backends)) {
    if (backend.kind !== "pac") continue;
    const path = ["backends", name];
    if (isUrl(backend.pac) && !(URL.canParse(backend.pac) && backend.pac.startsWith("https://")))
      yield wrong([...path, "pac"], "a PAC file is fetched by `https:` only", "save the file here and name its path");
    else if (isUrl(backend.pac) && holdsLogin(backend.pac)) yield login([...path, "pac"]);
    const ms = parseDuration(backend.refresh);
    if (ms === undefined || ms < SHORTEST_REFRESH_MS || ms > LONGEST_MS)
      yield wrong([...path, "refresh"], `refresh must be from 1m to 24d, not ${backend.refresh}`);
  }
}

const SHORTEST_CHECK_MS = 1000;

function* badChecks(file: ConfigFile): Generator<PlacedMistake> {
  for (const [name, backend] of Object.entries(file.backends)) {
    if (!("check" in backend) || backend.check === undefined) continue;
    const path = ["backends", name, "check"];
    const { every, timeout, target } = backend.check;
    for (const [key, text] of Object.entries({ every, timeout })) {
      const ms = parseDuration(text);
      if (ms === undefined || ms < SHORTEST_CHECK_MS || ms > LONGEST_MS)
        yield wrong([...path, key], `check.${key} must be from 1s to 24d, not ${text}`);
    }
    if (target !== undefined && parseHostPort(target) === undefined)
      yield wrong([...path, "target"], `"${target}" is no host with a port from 0 to 65535`);
  }
}

function* badServers(file: ConfigFile): Generator<PlacedMistake> {
  for (const [index, server] of file.resolver.servers.entries()) {
    const isWithPort = parseHostPort(server) !== undefined;
    if (!isWithPort && parseHostPort(`[${server}]:53`) === undefined && parseHostPort(`${server}:53`) === undefined) {
      yield wrong(["resolver", "servers", index], `"${server}" is no address of a name server`, "names cannot be used here");
    }
  }
  for (const [name, backend] of Object.entries(file.backends)) {
    if ("address" in backend && parseHostPort(backend.address) === undefined) {
      yield wrong(["backends", name, "address"], `"${backend.address}" is no host with a port from 0 to 65535`);
    }
  }
}

/** SECURITY: who comes from another machine cannot be known by uid, so such listeners serve nobody, or everybody. */
function* openDoors(file: ConfigFile): Generator<PlacedMistake> {
  if (Object.keys(file.listeners).length === 0) {
    yield {
      path: ["listeners"],
      at: "key",
      code: "W_NO_LISTENER",
      message: "there is no listener: no program can use the agent",
      severity: "warning",
    };
  }
  for (const [name, listener] of Object.entries(file.listeners)) {
    if (listener.kind !== "proxy" && listener.kind !== "persona") continue;
    // A client certificate is better proof than an address.
    if (listener.kind === "proxy" && listener.tls?.client_ca !== undefined && listener.users === "any") continue;
    for (const { path, address, text } of listensOf({ ...file, metrics: undefined, listeners: { [name]: listener } })) {
      if (address?.kind !== "tcp" || isLoopback(address)) continue;
      const effect =
        listener.users === "any" ? "lets every machine that reaches it use your identity" : "refuses every program of other machines";
      const message = `${text} can be reached from other machines, and \`users: ${[listener.users].flat().join(", ")}\` ${effect}`;
      yield { path, at: "value", code: "W_REACHABLE", message, severity: "warning", hint: "listen on 127.0.0.1 or [::1]" };
    }
  }
}

function holdsLogin(url: string): boolean {
  const { username, password } = new URL(url);
  return username !== "" || password !== "";
}

/** SECURITY: what stands there may be a password, so it is not repeated. */
function login(path: Path): PlacedMistake {
  return { path, at: "value", code: "E_SECRET", message: "the URL holds a login; the text of the configuration holds no secret" };
}

function wrong(path: Path, message: string, hint?: string): PlacedMistake {
  return { path, at: "value", code: "E_VALUE", message, hint };
}
