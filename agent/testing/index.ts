/**
 * Working small versions of what the agent is given from outside, for tests: a clock that stands still, a logger that remembers.
 * Imported by tests and `e2e/` only.
 */
export { type Authority, createAuthority, type IssueOptions, type Issued } from "./authority.ts";
export { memoryHolds } from "./memory-holds.ts";
export { addTpmKey, makeSoftTpm, type SoftTpm } from "./soft-tpm.ts";
export { StillClock } from "./still-clock.ts";
export { TellingLogger } from "./telling-logger.ts";
export { tickingClock } from "./ticking-clock.ts";
