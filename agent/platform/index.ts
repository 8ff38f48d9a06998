/**
 * What differs by operating system: who is behind a local connection, where files live, private directories, the one-agent lock,
 * user names, systemd. It knows no product: no listener, no policy, no configuration.
 * `identity`, `oidc`, `context` and `main` may knock.
 */
export { writeFileAtomically } from "./atomic-file.ts";
export { FileWatch, type FileWatchOptions } from "./file-watch.ts";
export { readLocalAddresses } from "./local-addresses.ts";
export { type PlaceOptions, type Places, placesOf } from "./places.ts";
export { ensurePrivateDir } from "./private-dir.ts";
export { createServiceNotifier, type NotifierOptions, type ServiceNotifier } from "./service-notifier.ts";
export { type InheritedSocket, takeInheritedSockets } from "./socket-activation.ts";
export type { ConnectionEnds, Endpoint, KnownOwner, KnownProgram, Owner, Program, SocketOwners, Unknown } from "./socket-owner/owner.ts";
export { createSocketOwners } from "./socket-owner/socket-owners.ts";
export { lockStateDir, type StateLock } from "./state-lock.ts";
export { createUserNames, type UserNames } from "./user-names.ts";
