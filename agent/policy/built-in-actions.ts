import type { Candidate } from "./judge-rule.ts";
import type { CompiledAction } from "./program.ts";

/** What a lifeline grants: the control plane, noted like any other allow. */
export const lifelineAction: CompiledAction = { outcome: "allow", log: "summary", onChange: "keep", holdMs: 0 };

/** What an active break-glass scope grants: everything is recorded, and it ends when the token does. */
export const scopeAction: CompiledAction = { outcome: "allow", log: "full", onChange: "close", holdMs: 0 };

/** What a challenge grants that the person has answered. */
export const answeredAction: CompiledAction = { outcome: "allow", log: "full", onChange: "close", holdMs: 0 };

const denyAction: CompiledAction = { outcome: "deny", log: "full", onChange: "close", holdMs: 0 };

/** No policy surely applied. */
export const defaultDeny: Candidate = {
  rule: { kind: "default", name: "default" },
  outcome: "deny",
  certain: true,
  actions: [denyAction],
  failed: [],
};
