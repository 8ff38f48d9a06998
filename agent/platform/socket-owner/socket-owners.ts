import { createLinuxOwners } from "./linux-owners.ts";
import { createLsofOwners } from "./lsof-owners.ts";
import { type SocketOwners, unknown } from "./owner.ts";

/** The way of this operating system to find out who is behind a connection. */
export function createSocketOwners(platform: NodeJS.Platform = process.platform): SocketOwners {
  if (platform === "linux") return createLinuxOwners();
  if (platform === "darwin") return createLsofOwners();
  return createUnknownOwners(platform);
}

/** No way is known here, and it says so: listeners for one user refuse everybody rather than take anybody. */
function createUnknownOwners(platform: string): SocketOwners {
  const answer = unknown(`who opened a connection cannot be found out on ${platform} yet`);
  return {
    socketOwner: async () => answer,
    peerOfUnixSocket: () => answer,
    programOf: async () => answer,
    close: () => undefined,
  };
}
