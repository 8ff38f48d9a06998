/**
 * The way out through an SSH server: one kept connection, a channel for each tunnel, strict host keys. It decides nothing about
 * destinations and holds no key: signatures come from an agent or from whoever holds the identity. Only `agent/main` may knock.
 */
export { createHostKeyCalls, type HostKeyCalls } from "./host-keys/host-key-calls.ts";
export { type AcceptedKey, createHostKeyChecker } from "./host-keys/host-key-checker.ts";
export { HostKeyDesk } from "./host-keys/host-key-desk.ts";
export { HostKeyStore } from "./host-keys/host-key-store.ts";
export { openKeyFile } from "./keys/key-file.ts";
export type { Credential, SshKey } from "./keys/ssh-key.ts";
export { createSshStart, type SshServer } from "./start-ssh.ts";
