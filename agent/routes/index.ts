/**
 * Given a request and an allowing verdict: which ways out, in which order. Pure; it opens nothing and knows no socket.
 * `config` (to check names) and `main` may knock.
 */
export * from "./select-routes.ts";
