import { type IpAddress, parseIp } from "./ip.ts";
import { Network, parseNetwork } from "./network.ts";

/** Whether an address lies in one of a list of networks. */
export interface NetMatcher {
  /** For a canonical address; any other text matches nothing. */
  matches(ip: string): boolean;
}

/** A network or single address as a policy writes it; `undefined` when it is none, or has bits behind its prefix. */
export function parseNetPattern(pattern: string): Network | undefined {
  if (!pattern.includes("/")) {
    const address = parseIp(pattern);
    return address && new Network(address, address.family === 4 ? 32 : 128);
  }
  const network = parseNetwork(pattern);
  return network?.masked().text === network?.text ? network : undefined;
}

/** Networks are grouped by prefix length, so a look-up costs one hash probe for each length in use, however many there are. */
export function createNetMatcher(networks: readonly Network[]): NetMatcher {
  const groups = new Map<string, { readonly sample: Network; readonly keys: Set<string> }>();
  for (const network of networks) {
    const name = `${network.address.family}/${network.prefixLength}`;
    const group = groups.get(name) ?? { sample: network, keys: new Set<string>() };
    group.keys.add(network.masked().address.text);
    groups.set(name, group);
  }
  if (networks.length <= FEW)
    return { matches: (ip) => withAddress(ip, (address) => networks.some((network) => network.contains(address))) };
  const lists = [...groups.values()];
  return { matches: (ip) => withAddress(ip, (address) => lists.some(({ sample, keys }) => keys.has(maskedText(address, sample)))) };
}

/** So few are compared one by one faster than they are hashed. */
const FEW = 16;

/** Many rules ask about the one address of a request, so the last one read is kept. */
let last: { readonly ip: string; readonly address: IpAddress | undefined } = { ip: "", address: undefined };

function withAddress(ip: string, test: (address: IpAddress) => boolean): boolean {
  if (last.ip !== ip) last = { ip, address: parseIp(ip) };
  return last.address !== undefined && test(last.address);
}

function maskedText(address: IpAddress, sample: Network): string {
  return address.family === sample.address.family ? new Network(address, sample.prefixLength).masked().address.text : "";
}
