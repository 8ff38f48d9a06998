import { homedir, userInfo } from "node:os";
import path from "node:path";
import type { BackendConfig } from "../config/index.ts";
import { PersonWait, type Server, SharedServer } from "../dial/index.ts";
import { createHostKeyChecker, createSshStart, type Credential, openKeyFile } from "../ssh/index.ts";
import type { WiredHostKeys } from "./wire-host-keys.ts";
import type { WiredIdentities } from "./wire-identities.ts";

export interface SshRooms {
  readonly hostKeys: WiredHostKeys;
  readonly identities: Pick<WiredIdentities, "askPassphrase" | "sshKey">;
  readonly readSecret: (file: string) => Promise<string>;
}

/** A connection that nobody uses is closed after this. */
const idleMs = 5 * 60_000;

/** Beside the bundle, as it is built. */
const gcmPath = path.resolve(import.meta.dirname, "../native/ssh-gcm.node");

/** The way out through an SSH server, as configured. */
export function createSshServer(backend: BackendConfig, server: Server, rooms: SshRooms): SharedServer {
  const person = server.secure?.person ?? new PersonWait();
  const { firstUse = "ask", knownHostsPath = path.join(homedir(), ".ssh/known_hosts") } = backend.ssh ?? {};
  const { store, desk, onAccepted } = rooms.hostKeys;
  const hostKeys = createHostKeyChecker({
    backend: backend.name,
    server: server.address,
    knownHostsPaths: [knownHostsPath],
    firstUse,
    store,
    desk,
    onAccepted,
  });
  const credentials = credentialsOf(backend, rooms);
  const start = createSshStart({ username: backend.username ?? userInfo().username, hostKeys, credentials, person, gcmPath });
  return new SharedServer({ ...server, person, start, connections: 1, idleMs });
}

/** In this order: what was chosen most deliberately first. */
function credentialsOf({ name, ssh, passwordPath }: BackendConfig, { identities, readSecret }: SshRooms): Credential[] {
  const { identity, keyPath, agent } = ssh ?? {};
  const socketPath = agent === true ? process.env["SSH_AUTH_SOCK"] : agent === false ? undefined : agent;
  return [
    ...(identity === undefined
      ? []
      : [{ kind: "keys", says: `identity \`${identity}\``, open: async () => [await identities.sshKey(identity)] } as const]),
    ...(keyPath === undefined
      ? []
      : [
          {
            kind: "keys",
            says: keyPath,
            open: async () => [await openKeyFile(keyPath, (file, why) => identities.askPassphrase(name, file, why))],
          } as const,
        ]),
    ...(socketPath === undefined || socketPath === "" ? [] : [{ kind: "agent", says: "ssh-agent", socketPath } as const]),
    ...(passwordPath === undefined ? [] : [{ kind: "password", says: "the password", read: () => readSecret(passwordPath) } as const]),
  ];
}
