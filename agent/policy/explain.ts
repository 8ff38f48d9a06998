import type { Facts } from "../connection/index.ts";
import type { Explanation } from "../contract/index.ts";
import type { DecideOptions, Policy } from "./policy.ts";
import type { Audience } from "./audience.ts";
import type { RevealOptions } from "./reveal.ts";
export interface ExplainOptions extends DecideOptions, RevealOptions {
  /** Leave out what this audience may not see; absent: the whole story, for those who write policy. */
  readonly audience?: Audience;
}
export function explain(policy: Policy, facts: Facts, options: ExplainOptions = {}): Explanation {
  throw new Error(`soon ${policy.digest} ${String(facts)} ${String(options)}`);
}
