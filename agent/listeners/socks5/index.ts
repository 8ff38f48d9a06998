/** SOCKS5 as a way in: RFC 1928 and RFC 1929, CONNECT only. It decides nothing. Only this room's listeners knock. */
export { refuseSocks4, serveSocks } from "./serve-socks.ts";
