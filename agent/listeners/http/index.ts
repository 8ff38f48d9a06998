/** HTTP/1.1 as a way in: CONNECT and requests in absolute form (RFC 9110, 9112). It decides nothing. Only this room's listeners knock. */
export { formatTimeout, serveHttp } from "./serve-http.ts";
