import { type Facts, type Request, undecidable, type Verdict } from "../connection/index.ts";
import type { Ports } from "./ports.ts";

export interface Judged {
  readonly verdict: Verdict;
  readonly facts: Facts | undefined;
}

/** Judging and fetching may alternate this often; a rule that still wants more is judged with what there is. */
const MAX_FETCHES = 3;

/**
 * Judge one request, fetching what rules want to know within the deadline. Never throws: trouble while gathering or judging is a denial,
 * never a pass. What was not fetched in time stays unknown, and knowing less never gives more.
 */
export async function judge(request: Request, ports: Ports, direct = false): Promise<Judged> {
  let facts: Facts | undefined;
  try {
    facts = ports.gather(request, direct);
    return await judgeFacts(request, facts, ports);
  } catch {
    return { verdict: undecidable(ports.policyDigest), facts };
  }
}

/** The same with facts that were gathered already; may throw what the ports throw. */
export async function judgeFacts(request: Request, gathered: Facts, ports: Ports): Promise<Judged> {
  let facts = gathered;
  let judgement = ports.judge(request, facts);
  if (judgement.wanted.length === 0) return { verdict: judgement.verdict, facts };
  const giveUpAt = ports.clock.monotonic() + ports.fetchMs;
  for (let fetches = 0; judgement.wanted.length > 0 && fetches < MAX_FETCHES; fetches += 1) {
    const left = giveUpAt - ports.clock.monotonic();
    if (left <= 0) break;
    facts = await ports.fetch(request, facts, judgement.wanted, left);
    judgement = ports.judge(request, facts);
  }
  return { verdict: judgement.verdict, facts };
}

/** The same request for another destination. What the program said about the first one's name says nothing about the second. */
export function retarget(request: Request, target: { readonly host: string; readonly port: number }): Request {
  const { sni: _, ...rest } = request;
  return { ...rest, host: target.host, port: target.port };
}

/** The facts of a request whose destination turned out to have this address. */
export function withAddress(facts: Facts, address: string): Facts {
  return {
    read: (attribute) => (attribute === "request.ip" ? { kind: "known", value: address, source: "dns" } : facts.read(attribute)),
  };
}
