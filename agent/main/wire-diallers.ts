import type { Clock } from "../base/index.ts";
import type { Snapshot } from "../config/index.ts";
import type { AddressOf } from "../context/index.ts";
import {
  createDirectDialler,
  createOwnListeners,
  createServerResolver,
  createSystemResolver,
  type Diallers,
  type Resolve,
} from "../dial/index.ts";
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

function createResolver({ config }: Snapshot): Resolve {
  const { servers, timeoutMs } = config.resolver;
  return servers.length === 0 ? createSystemResolver() : createServerResolver(servers, timeoutMs);
}

/** `request.ip` of a name, for a rule that asks: the address that would be tried first. The one that is dialled is judged again. */
export function createAddressOf(snapshot: () => Snapshot): AddressOf {
  return async (host) => {
    const resolved = await createResolver(snapshot())(host);
    const [address] = resolved.kind === "resolved" ? resolved.addresses : [];
    return address === undefined ? { why: resolved.kind === "failed" ? resolved.detail : `${host} has no address` } : { address };
  };
}

/** The ways out of one snapshot, by name. */
export function createDiallers({ clock, wheel, snapshot, listening }: DiallerRooms): Diallers {
  const resolve = createResolver(snapshot);
  const isOwnListener = createOwnListeners({ listening, localAddresses: readLocalAddresses });
  return new Map([[directBackend, createDirectDialler({ clock, wheel, resolve, isOwnListener })]]);
}
