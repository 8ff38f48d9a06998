/**
 * Opens the way out for a route: resolves names, races addresses, and speaks what a backend speaks. It decides nothing; it asks whether
 * each address is admitted. Only `agent/main` may knock, which hands its functions to the pipeline.
 *
 * A new kind of server is one function. One tunnel on each connection: a `Negotiate` for `createServerDialler`. Many tunnels on one
 * connection (HTTP/2, SSH): a `StartCarrier` for `SharedServer`, which gets the open leg to the server and makes a leg of each tunnel
 * (`StreamLeg` for any Duplex). Reaching the server through other ways out, TLS with it, sharing, idle closing, asking again where
 * that is safe, and names for what goes wrong are the same for all.
 */
export type { Connect } from "./attempts.ts";
export type { Carrier, CarrierStarted, CarrierWatcher, StartCarrier, Tunnel, TunnelFailure, TunnelOpen } from "./carrier.ts";
export { createDirectDialler, type DirectOptions } from "./direct.ts";
export { type Dialled, type Dialler, dialFailed, type DialFailure, type DialOptions } from "./dialler.ts";
export { type Diallers, dialRoutes, type DialRoutesOptions } from "./dial-routes.ts";
export { type BackendCheck, BackendChecks } from "./backend-checks.ts";
export { type ChooseWays, createChoosingDialler } from "./proxies/choosing-dialler.ts";
export { readEnvironmentProxies } from "./proxies/environment-proxies.ts";
export { createPacProxies } from "./proxies/pac-proxies.ts";
export { composePacScript } from "./proxies/pac-script.ts";
export type { ProxyWay } from "./proxies/proxy-way.ts";
export { createPlainForwarding } from "./plain-forwarding.ts";
export { createProbe, type Probe, type ProbeTarget } from "./probe-server.ts";
export { BackendHealth, type Health, type HealthOptions, type LastCheck, watchDialler } from "./health.ts";
export { createHttpNegotiation, formatBasic, formatBearer, type ReadAuthorization } from "./http-connect.ts";
export { createHttp2Start, type Http2Options } from "./http2/start-http2.ts";
export { createOwnListeners, type OwnListenersOptions } from "./own-listeners.ts";
export { PersonWait } from "./person-wait.ts";
export { createServerResolver, createSystemResolver, type Resolve, type Resolved } from "./resolver.ts";
export type { OpenAgain, Secure, Secured, Server } from "./reach-server.ts";
export { createServerDialler, type Negotiate, type Negotiated, type ServerDiallerOptions } from "./server-dialler.ts";
export { SharedServer, type SharedServerOptions } from "./shared-server.ts";
export { createSocks5Negotiation, type ReadLogin } from "./socks5-client.ts";
export { SpareConnections } from "./spare-connections.ts";
export { checkPeer, type ExpectedPeer } from "./tls/check-peer.ts";
export { createTlsConnector, type Shown, type TlsRooms, type TlsServer } from "./tls/connect-tls.ts";
export { type Judge, judged } from "./tls/judged.ts";
export { describePeer, type PeerDescription } from "./tls/describe-peer.ts";
export { diagnoseTls, type HandshakeStory, type TlsDiagnosis } from "./tls/diagnose-tls.ts";
export { Tickets } from "./tls/tickets.ts";
