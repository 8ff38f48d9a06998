/**
 * The way out through an SSH server: one kept connection, a channel for each tunnel, strict host keys. It decides nothing about
 * destinations and holds no key: signatures come from an agent or from whoever holds the identity. Only `agent/main` may knock.
 */
export { createHostKeyCalls, type HostKeyCalls } from "./host-keys/host-key-calls.ts";
export { HostKeyDesk } from "./host-keys/host-key-desk.ts";
export { HostKeyStore } from "./host-keys/host-key-store.ts";
