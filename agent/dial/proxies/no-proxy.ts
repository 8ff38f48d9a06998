import { BlockList, isIP } from "node:net";

/**
 * Reads `NO_PROXY` as most programs do: `corp.example` and `.corp.example` mean the name and all below it, `*` means everything, `host:8080` one
 * port, `10.0.0.0/8` and `fd00::/8` networks. What cannot be read excepts nothing.
 */
export function parseNoProxy(text: string): (host: string, port: number) => boolean {
  const tests = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((entry) => parseEntry(entry.toLowerCase()));
  return (host, port) => tests.some((matches) => matches(host.toLowerCase(), port));
}

type Test = (host: string, port: number) => boolean;

function parseEntry(entry: string): Test {
  if (entry === "*") return () => true;
  if (entry.includes("/")) return networkTest(entry);
  const [, six, name, digits] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(entry) ?? [];
  const wanted = six ?? name ?? entry;
  const onPort = (port: number): boolean => digits === undefined || Number(digits) === port;
  if (isIP(wanted) !== 0) {
    const same = addressTest(wanted);
    return (host, port) => onPort(port) && same(host);
  }
  const domain = wanted.replace(/^\*?\./, "");
  return (host, port) => onPort(port) && domain !== "" && (host === domain || host.endsWith(`.${domain}`));
}

function addressTest(address: string): (host: string) => boolean {
  const list = new BlockList();
  list.addAddress(address, familyOf(address));
  return (host) => isIP(host) !== 0 && list.check(host, familyOf(host));
}

function networkTest(entry: string): Test {
  const [address = "", bits = ""] = entry.split("/");
  const most = isIP(address) === 6 ? 128 : 32;
  if (isIP(address) === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > most) return () => false;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), familyOf(address));
  return (host) => isIP(host) !== 0 && list.check(host, familyOf(host));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}
