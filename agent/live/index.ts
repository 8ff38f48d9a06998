/**
 * Living and recent connections, as onlookers see them: a bounded registry, news for watchers, hits for each rule.
 * It decides nothing and stores nothing on disk. `agent/main` knocks here.
 */
export { createLive, type Live, type LiveOptions } from "./live.ts";
export type { RuleHits } from "./rule-hits.ts";
