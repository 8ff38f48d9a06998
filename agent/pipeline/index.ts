/**
 * The conductor: the life of one connection, in order, and nothing else. It knows no policy, no record and no backend: all of them are
 * functions that `agent/main` hands in. It speaks to a client through its two verbs only. Only `agent/main` may knock.
 */
export { handle } from "./handle.ts";
export { judgeAgain, type JudgeAgainOptions } from "./judge-again.ts";
export { createIds, type Ids, incidentOf } from "./ids.ts";
export type { DialAnswer, DialRequest, HoldAnswer, Judgement, Ports, RouteChoice } from "./ports.ts";
