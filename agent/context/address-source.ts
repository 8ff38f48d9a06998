import type { Fact } from "../connection/index.ts";
import type { FactSource } from "./fact-source.ts";

/** The address that a name would be dialled at, or why there is none. */
export type AddressOf = (host: string, signal: AbortSignal) => Promise<{ readonly address: string } | { readonly why: string }>;

const PENDING: Fact = { kind: "unknown", why: "the name was not looked up yet", source: "dns", pending: true };

/** `request.ip` of a request that names its host: a question to the name server, so it is asked only for a rule that needs it. */
export function createAddressSource(addressOf: AddressOf): FactSource {
  return {
    name: "dns",
    provides: ["request.ip"],
    read: () => PENDING,
    async fetch(_wanted, request, signal) {
      const answer = await addressOf(request.host, signal);
      const fact: Fact =
        "address" in answer ? { kind: "known", value: answer.address, source: "dns" } : { kind: "unknown", why: answer.why, source: "dns" };
      return new Map([["request.ip", fact]]);
    },
  };
}
