/**
 * Opens the way out for a route: resolves names, races addresses, and later speaks what a backend speaks. It decides nothing; it asks
 * whether each address is admitted. Only `agent/main` may knock, which hands its functions to the pipeline.
 */
export type { Connect } from "./attempts.ts";
export { createDirectDialler, type DirectOptions } from "./direct.ts";
export { type Dialled, type Dialler, type DialFailure, type DialOptions } from "./dialler.ts";
export { type Diallers, dialRoutes, type DialRoutesOptions } from "./dial-routes.ts";
export { BackendHealth, type Health, type HealthOptions, watchDialler } from "./health.ts";
export { createHttpNegotiation, formatBasic, formatBearer, type ReadAuthorization } from "./http-connect.ts";
export { createOwnListeners, type OwnListenersOptions } from "./own-listeners.ts";
export { createServerResolver, createSystemResolver, type Resolve, type Resolved } from "./resolver.ts";
export {
  createServerDialler,
  type Negotiate,
  type Negotiated,
  type Secure,
  type Secured,
  type ServerDiallerOptions,
} from "./server-dialler.ts";
export { createSocks5Negotiation, type ReadLogin } from "./socks5-client.ts";
export { checkPeer, type ExpectedPeer } from "./tls/check-peer.ts";
export { createTlsConnector, type Shown, type TlsRooms, type TlsServer } from "./tls/connect-tls.ts";
export { diagnoseTls, type HandshakeStory, type TlsDiagnosis } from "./tls/diagnose-tls.ts";
export { Tickets } from "./tls/tickets.ts";
