/**
 * Gathers the facts of a request: what the request says, what the operating system knows of the program, the time, and what later
 * sources will add. It judges nothing and stores nothing; what cannot be found out is a value, too. `main` may knock.
 */
export { type AddressOf, createAddressSource } from "./address-source.ts";
export { createClientSource } from "./client-source.ts";
export { type Context, type ContextOptions, createContext, type GatherOptions, type RequestFacts } from "./context.ts";
export type { FactSource } from "./fact-source.ts";
