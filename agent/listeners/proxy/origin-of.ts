import type { Origin } from "../../connection/index.ts";
import type { Leg } from "../../net/index.ts";

/** Undefined when the connection is gone already: the kernel no longer names its ends. */
export function originOf(leg: Leg): Origin | undefined {
  const { local, remote } = leg;
  if (local === undefined) return undefined;
  // A Unix socket has its path as address and port 0; its other end has no name.
  if (local.port === 0) return { kind: "unix", path: local.address };
  if (remote === undefined) return undefined;
  return { kind: "tcp", address: remote.address, port: remote.port, localAddress: local.address, localPort: local.port };
}
