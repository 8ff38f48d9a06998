import { type FunctionDefinition, func, method } from "./function-definition.ts";
import { type IpAddress, parseIp } from "./ip.ts";
import { type Network, parseNetwork } from "./network.ts";
import { EvalError } from "./outcome.ts";

const TEXT_COST = 2;

/** The families of RFC 6890 and RFC 4291 that conditions ask for. */
const families: ReadonlyMap<string, readonly string[]> = new Map([
  ["isUnspecified", ["0.0.0.0/32", "::/128"]],
  ["isLoopback", ["127.0.0.0/8", "::1/128"]],
  ["isLinkLocalUnicast", ["169.254.0.0/16", "fe80::/10"]],
  ["isLinkLocalMulticast", ["224.0.0.0/24", "ff02::/16"]],
  ["isMulticast", ["224.0.0.0/4", "ff00::/8"]],
  ["isPrivate", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]],
]);

/** Every address but these is global unicast, private ones included, as in Go's net/netip and so in CEL. */
const NOT_GLOBAL = ["isUnspecified", "isLoopback", "isLinkLocalUnicast", "isMulticast"];

function networksOf(name: string): readonly Network[] {
  return (families.get(name) ?? []).map(parseNetwork).filter((network) => network !== undefined);
}

function familyTest(networks: readonly Network[]): (ip: string) => boolean {
  return (ip) => {
    const address = parseIp(ip);
    return address !== undefined && networks.some((network) => network.contains(address));
  };
}

const BROADCAST = "255.255.255.255";
const isNotGlobal = familyTest(NOT_GLOBAL.flatMap(networksOf));

const familyFunctions = [...families.keys()].map((name) => method(name, ["ip"]).gives("bool", familyTest(networksOf(name)), TEXT_COST));

/** The network extension of CEL as Kubernetes has it, plus `isMulticast` and `isPrivate`. */
export const networkFunctions: readonly FunctionDefinition[] = [
  ...familyFunctions,
  method("isGlobalUnicast", ["ip"]).gives("bool", (ip) => ip !== BROADCAST && !isNotGlobal(ip), TEXT_COST),
  method("family", ["ip"]).gives("int", (ip) => (ip.includes(":") ? 6 : 4)),
  func("isIP", ["string"]).gives("bool", (text) => parseIp(text) !== undefined, TEXT_COST),
  func("isCIDR", ["string"]).gives("bool", (text) => parseNetwork(text) !== undefined, TEXT_COST),
  func("ip.isCanonical", ["string"]).gives("bool", isCanonicalIp, TEXT_COST),
  method("ip", ["cidr"]).gives("ip", (network) => network.address.text),
  method("masked", ["cidr"]).gives("cidr", (network) => network.masked(), TEXT_COST),
  method("prefixLength", ["cidr"]).gives("int", (network) => network.prefixLength),
  method("containsIP", ["cidr", "ip"]).gives("bool", (network, ip) => withAddress(ip, (address) => network.contains(address)), TEXT_COST),
  method("containsIP", ["cidr", "string"]).gives(
    "bool",
    (network, ip) => withAddress(ip, (address) => network.contains(address)),
    TEXT_COST,
  ),
  method("containsCIDR", ["cidr", "cidr"]).gives("bool", (network, other) => network.containsNetwork(other), TEXT_COST),
  method("containsCIDR", ["cidr", "string"]).gives("bool", containsText, TEXT_COST),
];

function withAddress(text: string, test: (address: IpAddress) => boolean): boolean | EvalError {
  const address = parseIp(text);
  return address === undefined ? new EvalError(`'${text.slice(0, 100)}' is no IP address`) : test(address);
}

function isCanonicalIp(text: string): boolean | EvalError {
  return withAddress(text, (address) => address.text === text);
}

function containsText(network: Network, text: string): boolean | EvalError {
  const other = parseNetwork(text);
  return other === undefined ? new EvalError(`'${text.slice(0, 100)}' is no network`) : network.containsNetwork(other);
}
