import { AgentError, formatCause } from "../../base/index.ts";
import { formatAddress } from "../../net/index.ts";
import type { HostKeyDesk } from "./host-key-desk.ts";
import { fingerprintOf, type HostKeyStore, readText, type ServerName } from "./host-key-store.ts";
import { algorithmsFor, judgeHostKey, type KnownServer, whatIsKnown } from "./judge-host-key.ts";
import { algorithmOf, parseKnownHosts } from "./known-hosts.ts";

export interface HostKeyCheckerOptions {
  readonly backend: string;
  readonly server: ServerName;
  /** Beside what the person has accepted: files of others, which are only read. One that is not there says nothing. */
  readonly knownHostsPaths: readonly string[];
  readonly firstUse: "ask" | "refuse";
  readonly store: HostKeyStore;
  readonly desk: HostKeyDesk;
  readonly onAccepted: (accepted: AcceptedKey) => void;
}

export interface AcceptedKey {
  readonly backend: string;
  readonly address: string;
  readonly algorithm: string;
  readonly fingerprint: string;
}

/** What is known of the server now, for one connection to it. */
export interface HostKeyCheck {
  /** To ask the server for, the best first. */
  readonly algorithms: readonly string[];
  /** Whether this is the key that the connection began with: nothing is left to find out. */
  isMet(key: Buffer): boolean;
  /** Resolves when the key is the server's; rejects with AgentError (SSH_HOST_KEY_*). May take as long as the person needs, or until `gone`. */
  check(key: Buffer, gone: AbortSignal): Promise<void>;
}

/** Whether a server is the one that it was before. Files are read for each connection, so that a correction counts at once. */
export function createHostKeyChecker(options: HostKeyCheckerOptions): () => Promise<HostKeyCheck> {
  return async () => {
    const known = await readKnown(options);
    let met: Buffer | undefined;
    const isMet = (key: Buffer) => met?.equals(key) === true;
    return {
      algorithms: algorithmsFor(known),
      isMet,
      check: async (key, gone) => {
        // RFC 4253 section 9: keys are exchanged again on the same connection. SECURITY: with the server that was met on it.
        if (isMet(key)) return;
        if (met !== undefined) throw new AgentError("SSH_HOST_KEY_CHANGED", "it shows another key than at the beginning of the connection");
        if (isNew(key, known)) await meet(key, gone, options);
        met = Buffer.from(key);
      },
    };
  };
}

/** Throws AgentError when the key is refused. */
function isNew(key: Buffer, known: KnownServer): boolean {
  const verdict = judgeHostKey(key, known);
  if (verdict.kind === "refused") throw verdict.failure;
  return verdict.kind === "new";
}

async function readKnown({ server, store, knownHostsPaths }: HostKeyCheckerOptions): Promise<KnownServer> {
  const files = await Promise.all(
    [store.path, ...knownHostsPaths].map(async (path) => {
      const text = await readText(path).catch((cause: unknown) => {
        throw new AgentError("SSH_HOST_KEY_UNUSABLE", formatCause(cause), { cause });
      });
      return { path, hosts: parseKnownHosts(text) };
    }),
  );
  return whatIsKnown(server, files);
}

async function meet(key: Buffer, gone: AbortSignal, options: HostKeyCheckerOptions): Promise<void> {
  const { backend, server, firstUse, desk, store, onAccepted } = options;
  const address = formatAddress({ address: server.host, port: server.port });
  const shown = { backend, address, algorithm: algorithmOf(key) ?? "", fingerprint: fingerprintOf(key) };
  const tell = `${shown.algorithm} ${shown.fingerprint}`;
  if (firstUse === "refuse") throw new AgentError("SSH_HOST_KEY_UNKNOWN", `it shows ${tell}, which no known_hosts file knows`);
  const isAccepted = await desk.ask(shown, gone);
  if (isAccepted !== true) {
    const why = isAccepted === undefined ? "nobody accepted it in time" : "it was refused";
    throw new AgentError("SSH_HOST_KEY_UNKNOWN", `it shows ${tell}; ${why}`);
  }
  // SECURITY: meanwhile the person may have accepted another key of the same server: then this one is a change.
  if (await store.accept(server, key, async () => isNew(key, await readKnown(options)))) onAccepted(shown);
}
