import type { Audience } from "./audience.ts";
import type { Policy } from "./policy.ts";

/** Whether the policy itself says what this audience may see; without such a block the built-in reveals hold. */
export function revealsTo(policy: Policy, audience: Audience): boolean {
  return policy.program.reveals.some((block) => block.to === audience);
}
