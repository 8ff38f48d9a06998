import { AgentError, formatCause } from "../base/index.ts";
import {
  type CarrierStarted,
  type CarrierWatcher,
  type DialFailure,
  dialFailed,
  type PersonWait,
  type StartCarrier,
} from "../dial/index.ts";
import { Floor, type Leg, LegEnded } from "../net/index.ts";
import type { Client, ConnectConfig } from "ssh2";
import { loadNativeGcm } from "./gcm/native-gcm.ts";
import { useNativeGcm } from "./gcm/use-native-gcm.ts";
import type { HostKeyCheck } from "./host-keys/host-key-checker.ts";
import { Login } from "./login.ts";
import type { Credential } from "./keys/ssh-key.ts";
import { SshCarrier } from "./ssh-carrier.ts";

export interface SshServer {
  readonly username: string;
  readonly hostKeys: () => Promise<HostKeyCheck>;
  /** Tried in this order. */
  readonly credentials: readonly Credential[];
  /** Told while the person is asked for something. */
  readonly person: PersonWait;
  /** The compiled AES-GCM, `out/native/ssh-gcm.node`; without it the library's own is used. */
  readonly gcmPath: string;
}

/** The best first. AES-128-GCM needs no second pass for its integrity, and is what processors do best. */
const ciphers = [
  "aes128-gcm@openssh.com",
  "aes256-gcm@openssh.com",
  "chacha20-poly1305@openssh.com",
  "aes128-ctr",
  "aes192-ctr",
  "aes256-ctr",
];

/** A server that is silent for three of these is gone. */
const keepaliveMs = 15_000;

/** How to begin SSH with one server. The library is loaded when it is first needed. */
export function createSshStart(server: SshServer): StartCarrier {
  return (leg, watcher) => start(leg, watcher, server);
}

async function start(leg: Leg, watcher: CarrierWatcher, server: SshServer): Promise<CarrierStarted | DialFailure> {
  const { username, person } = server;
  const whileAsking = async <T>(work: Promise<T>): Promise<T> => {
    person.begin();
    try {
      return await work;
    } finally {
      person.end();
    }
  };
  const [{ default: ssh2 }, hostKeys] = await Promise.all([import("ssh2"), server.hostKeys().catch(asRefusal)]);
  if ("kind" in hostKeys) return hostKeys;
  const login = await Login.create(server.credentials, { username, whileAsking });
  const client = new ssh2.Client();
  const floor = new Floor(leg);
  const handshake = new Handshake(client, floor, login);
  const gcm = loadNativeGcm(server.gcmPath);
  if (gcm !== undefined) client.on("handshake", () => useNativeGcm(client, gcm));
  client.connect({
    sock: floor,
    username,
    authHandler: login.next,
    // INVARIANT: when keys are exchanged again the answer comes at once. While the library waits for one, it goes on sending in between.
    hostVerifier: (key, verify) =>
      hostKeys.isMet(key) ? verify(true) : handshake.verify(whileAsking(hostKeys.check(key, handshake.gone)), verify),
    algorithms: { cipher: ciphers, serverHostKey: hostKeys.algorithms },
    readyTimeout: 0,
    keepaliveInterval: keepaliveMs,
    keepaliveCountMax: 2,
    ident: "Portail",
  } satisfies ConnectConfig);
  const failure = await handshake.done;
  if (failure !== undefined) return failure;
  floor.lend();
  return { kind: "open", carrier: new SshCarrier(client, floor, watcher) };
}

/** From the first byte until the login is accepted. */
class Handshake {
  /** Why it failed; undefined when the server has let us in. Rejects with LegEnded, or AgentError for what has a name. */
  readonly done: Promise<DialFailure | undefined>;
  /** Aborted when the connection is gone: nobody needs to be asked any more. */
  readonly gone: AbortSignal;
  readonly #settled = Promise.withResolvers<DialFailure | undefined>();

  constructor(client: Client, floor: Floor, login: Login) {
    const gone = new AbortController();
    this.gone = gone.signal;
    this.done = this.#settled.promise;
    client.on("error", (cause: ProtocolTrouble) => {
      if (cause.level === "agent") login.note(cause);
      else if (cause.level === "client-authentication") this.#settled.resolve(login.refused());
      else if (cause.level !== "client-socket") this.#fail(cause);
    });
    // INVARIANT: with these ciphers the library does not look again at what it has written; with others it does, for the MAC.
    client.on("handshake", ({ cs }: Negotiated) => floor.takeAway(cs.cipher.endsWith("-gcm@openssh.com")));
    client.once("ready", () => this.#settled.resolve(undefined));
    floor.once("close", () => {
      gone.abort();
      this.#settled.reject(new LegEnded("ended"));
    });
    void this.done.then(
      (failure) => failure !== undefined && floor.destroy(),
      () => floor.destroy(),
    );
  }

  /** SECURITY: the library goes on only when told so; every failure to find out is a "no". */
  verify(check: Promise<void>, verify: (isGood: boolean) => void): void {
    check.then(
      () => verify(true),
      (cause: unknown) => {
        this.#settled.resolve(asRefusal(cause));
        verify(false);
      },
    );
  }

  #fail({ level, message }: ProtocolTrouble): void {
    const detail =
      level === "handshake" ? `no common way to speak SSH: ${message}` : `the server does not speak SSH as it should: ${message}`;
    this.#settled.resolve({ ...dialFailed("DIAL_PROTOCOL", detail), isBackendDown: true });
  }
}

/** A server that is not the one that we know is not got round by going another way. */
function asRefusal(cause: unknown): DialFailure {
  const { code, detail } = cause instanceof AgentError ? cause : new AgentError("INTERNAL", formatCause(cause));
  return { ...dialFailed(code, detail), sent: true, isBackendDown: true };
}

/** What both sides agreed on; `cs`: from client to server. */
interface Negotiated {
  readonly cs: { readonly cipher: string };
}

interface ProtocolTrouble extends Error {
  readonly level?: "agent" | "client-authentication" | "client-socket" | "client-timeout" | "handshake" | "protocol";
}
