/**
 * HTTP/2 as a way in (RFC 9113): many requests on one connection, each judged and answered as over HTTP/1.1. Only this room's listeners
 * knock. `node:http2` is loaded with the first connection that speaks it.
 */
export { serveHttp2 } from "./serve-http2.ts";
