/**
 * The configuration file and the snapshot made of it: read, check with places, compile the policy, publish, keep the last good one.
 * It opens no listener and judges no request. `main` may knock.
 */
export type {
  BackendConfig,
  ClientTls,
  Config,
  EnrolmentConfig,
  IdentityConfig,
  ListenAddress,
  ListenerConfig,
  PacSource,
  ServerTls,
  Users,
} from "./config.ts";
export { isAuthorityWord, systemStorePaths } from "./authorities.ts";
export type { PemTexts } from "./certificate-files.ts";
export { type ConfigFiles, systemFiles } from "./config-files.ts";
export { formatConfigReference } from "./config-reference.ts";
export { configJsonSchema } from "./config-schema.ts";
export { formatProblem } from "./parse-config.ts";
export { formatListenAddress } from "./snapshot-changes.ts";
export { checkPolicy, type Loaded, type LoadOptions, loadSnapshot, type Refusal, type Snapshot } from "./snapshot.ts";
export { type ServerTrust, trustIn } from "./server-trust.ts";
export { createSnapshots, type Snapshots, type SnapshotsOptions } from "./snapshots.ts";
