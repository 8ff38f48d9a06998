/**
 * Connections that wait for the person: a step-up sign-in or a challenge. It parks them, tells who watches, and lets them go on, or be
 * refused, when somebody answers or the time is over. It decides nothing and knows no socket. `agent/main` may knock.
 */
export { createHolds, type HoldAnswer, type Holds, type HoldsOptions } from "./holds.ts";
