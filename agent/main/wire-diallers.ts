import type { Clock } from "../base/index.ts";
import type { Snapshot } from "../config/index.ts";
import { createDirectDialler, createOwnListeners, createServerResolver, createSystemResolver, type Diallers } from "../dial/index.ts";
import type { Address, Wheel } from "../net/index.ts";
import { readLocalAddresses } from "../platform/index.ts";
import { directBackend } from "../routes/index.ts";

export interface DiallerRooms {
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly snapshot: Snapshot;
  /** Where our own listeners are now. */
  readonly listening: () => readonly Address[];
}

/** The ways out of one snapshot, by name. */
export function createDiallers({ clock, wheel, snapshot, listening }: DiallerRooms): Diallers {
  const { servers, timeoutMs } = snapshot.config.resolver;
  const resolve = servers.length === 0 ? createSystemResolver() : createServerResolver(servers, timeoutMs);
  const isOwnListener = createOwnListeners({ listening, localAddresses: readLocalAddresses });
  return new Map([[directBackend, createDirectDialler({ clock, wheel, resolve, isOwnListener })]]);
}
