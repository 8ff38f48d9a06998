import type { FactValue } from "../connection/index.ts";
import { formatDuration } from "../base/index.ts";
import type { Attribute } from "./vocabulary.ts";

const DAY_MS = 86_400_000;

/** The first letter and nothing else, not even the length; of an address in two parts the first letter of the first. */
export function maskValue(value: FactValue): FactValue {
  if (typeof value !== "string") return Array.isArray(value) ? (value as readonly FactValue[]).map(maskValue) : "***";
  const [letter = ""] = value;
  return value.includes("@") ? `${letter}***@***` : `${letter}***`;
}

/** A keyed pseudonym: equal values stay equal, and nobody without the key can try values out. */
export function hashValue(value: FactValue, hmac: (value: string) => string): FactValue {
  if (Array.isArray(value)) return (value as readonly FactValue[]).map((item) => hashValue(item, hmac));
  return `hmac:${hmac(typeof value === "string" ? value : JSON.stringify(value instanceof Map ? [...value] : value))}`;
}

/** The value with its fine end cut off: tens, days, a network instead of an address, a domain instead of a host. */
export function coarsenValue(attribute: Attribute, value: FactValue): FactValue {
  if (Array.isArray(value)) return `${value.length} entries`;
  if (typeof value === "number") return coarsenNumber(attribute.type, value);
  if (typeof value !== "string") return typeof value === "boolean" ? value : "***";
  if (attribute.type === "host") return coarsenHost(value);
  if (attribute.type === "ip") return coarsenAddress(value);
  return attribute.type === "version" ? (value.split(".")[0] ?? "") : maskValue(value);
}

function coarsenNumber(type: string, value: number): FactValue {
  if (type === "timestamp") return Math.floor(value / DAY_MS) * DAY_MS;
  if (type === "duration") return `about ${formatDuration(value).split(" ")[0]}`;
  return Math.floor(value / 10) * 10;
}

function coarsenHost(host: string): string {
  if (host.includes(":") || /\.\d+$/.test(host)) return coarsenAddress(host);
  const labels = host.split(".");
  return labels.length <= 2 ? host : `*.${labels.slice(-2).join(".")}`;
}

function coarsenAddress(address: string): string {
  if (address.includes(":")) return `${address.split(":").slice(0, 3).join(":")}::/48`;
  return `${address.split(".").slice(0, 3).join(".")}.0/24`;
}
