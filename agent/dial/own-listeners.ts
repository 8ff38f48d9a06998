import type { Address } from "../net/index.ts";

export interface OwnListenersOptions {
  /** Where this agent listens now; asked again for each connection. */
  readonly listening: () => readonly Address[];
  /** All addresses of this machine now; asked only when the port is one of ours. */
  readonly localAddresses: () => Iterable<string>;
}

/**
 * Whether a destination is this agent itself. A listener on a wildcard is reached by every address of the machine, and connecting
 * to a wildcard (`0.0.0.0`, `::`) reaches the machine itself.
 */
export function createOwnListeners({ listening, localAddresses }: OwnListenersOptions): (address: string, port: number) => boolean {
  return (address, port) => {
    const onPort = listening().filter((own) => own.port === port);
    // Nearly every connection ends its look here.
    if (onPort.length === 0) return false;
    const target = plain(address);
    const hits = (own: Address): boolean => {
      const at = plain(own.address);
      if (at === target) return true;
      if (isWildcard(target)) return isWildcard(at) || isLoopback(at);
      return isWildcard(at) && (isLoopback(target) || includes(localAddresses(), target));
    };
    return onPort.some(hits);
  };
}

function includes(addresses: Iterable<string>, target: string): boolean {
  for (const address of addresses) if (plain(address) === target) return true;
  return false;
}

/** `::ffff:127.0.0.1` is 127.0.0.1 by another name; a zone is no part of the address. */
function plain(address: string): string {
  const bare = address.split("%", 1)[0] ?? address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? mappedHex(bare);
  return mapped ?? bare.toLowerCase();
}

/** The other spelling of a mapped address: `::ffff:7f00:1`. */
function mappedHex(address: string): string | undefined {
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? [];
  if (high === undefined || low === undefined) return undefined;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`;
}

function isWildcard(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}

function isLoopback(address: string): boolean {
  return address.includes(":") ? address === "::1" : address.startsWith("127.");
}
