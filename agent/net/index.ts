/**
 * Sockets without product: the accept loop, one end of a tunnel (`Leg`), telling protocols apart by their first byte, and the one
 * splice. It knows no policy, no request and no protocol beyond its first byte.
 * Listeners, dial, pipeline and control may knock; it imports only `base`.
 */
export * from "./accept-loop.ts";
export * from "./connect.ts";
export { Floor } from "./floor.ts";
export { breakOff, Http2Leg, type StreamEnds } from "./http2-leg.ts";
export * from "./leg.ts";
export * from "./sniff.ts";
export * from "./splice.ts";
export { StreamLeg } from "./stream-leg.ts";
export * from "./upstream.ts";
export * from "./wheel.ts";
