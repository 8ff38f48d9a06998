/**
 * The control channel: serves the contract to local callers over a Unix socket (a named pipe on Windows), proves who they are,
 * streams changes; and the client derived from the same table. It knows no handler, only the table. Never TCP.
 * The composition root, the command line and tests may knock.
 */
export { type ControlClient, type ControlClientOptions, connectControl, type StateWatcher } from "./client.ts";
export { collectHandlers, createDispatch, type DispatchOptions } from "./dispatch.ts";
export { type ControlEndpoint, controlEndpointAt } from "./endpoint.ts";
export type { ControlIncident, ReportIncident } from "./incident.ts";
export type { PeerOf, PeerProof } from "./peer.ts";
export { type ControlServer, type ControlServerOptions, startControlServer } from "./server.ts";
export { createStateFeed, type LiveStateFeed, type StateFeedOptions } from "./state-feed.ts";
