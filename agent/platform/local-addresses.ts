import { networkInterfaces } from "node:os";

/**
 * Addresses of this machine's interfaces, loopback included, without zones. Reading costs about 0.1 ms and the answer changes when the
 * person roams, so ask when it matters and keep it for a moment, not for ever. All of 127.0.0.0/8 is this machine, too.
 */
export function readLocalAddresses(): ReadonlySet<string> {
  const addresses = new Set(["127.0.0.1", "::1"]);
  for (const entries of Object.values(networkInterfaces())) {
    for (const { address } of entries ?? []) addresses.add(address.replace(/%.*$/, ""));
  }
  return addresses;
}
