import type { Fact, FactValue } from "../connection/index.ts";
import { canonicalHost, parseAttributeValue, type Policy } from "../policy/index.ts";
import type { RequestWords } from "./request-words.ts";
import { UsageMistake } from "./usage-mistake.ts";

/** The facts of a request that the flags describe, typed as the policy declares them. What is not given is unknown to it. */
export function readGivenFacts(request: RequestWords, policy: Policy): ReadonlyMap<string, Fact> {
  const host = canonicalHost(request.host);
  if (host === undefined) throw new UsageMistake(`--host ${JSON.stringify(request.host)} is no host name and no address`);
  const facts = new Map<string, Fact>([
    ["request.host", known(host.value)],
    ["request.port", known(request.port)],
    ["request.protocol", known(request.protocol)],
    ["request.transport", known("tcp")],
  ]);
  if (host.kind === "ip") facts.set("request.ip", known(host.value));
  for (const [attribute, text] of Object.entries(request.attributes)) {
    const parsed = parseAttributeValue(policy, attribute, text);
    if ("problem" in parsed) throw new UsageMistake(`--set ${attribute}: ${parsed.problem}`);
    facts.set(attribute, parsed.fact);
  }
  return facts;
}

function known(value: FactValue): Fact {
  return { kind: "known", value };
}
