/**
 * Opens the way out for a route: resolves names, races addresses, and later speaks what a backend speaks. It decides nothing; it asks
 * whether each address is admitted. Only `agent/main` may knock, which hands its functions to the pipeline.
 */
export type { Connect } from "./attempts.ts";
export { createDirectDialler, type DirectOptions } from "./direct.ts";
export { type Dialled, type Dialler, type DialFailure, dialFailed, type DialOptions } from "./dialler.ts";
export { type Diallers, dialRoutes } from "./dial-routes.ts";
export { createOwnListeners, type OwnListenersOptions } from "./own-listeners.ts";
export { createServerResolver, createSystemResolver, type Resolve, type Resolved } from "./resolver.ts";
