/**
 * The nouns that every room passes on: Request, Facts, Verdict, Route, Limits, End. This page is the glossary.
 * No I/O, no sockets, no product logic. Every room after `base` may knock.
 */
export * from "./client.ts";
export * from "./end.ts";
export * from "./facts.ts";
export * from "./passage.ts";
export * from "./request.ts";
export * from "./route.ts";
export * from "./verdict.ts";
