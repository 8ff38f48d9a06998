/**
 * The ways in: each listener turns the bytes of a program into a `Request` and a `Client` with two verbs, and answers in the program's own
 * protocol. It decides nothing, dials nothing, records nothing. Only `main` may knock.
 */
export { type CheckLogin, createCheckLogin } from "./login.ts";
export { createProxyListener, type ProxyListener, type ProxyListenerOptions } from "./proxy/create-proxy-listener.ts";
export type { Identified, Identify, ProxyProtocol } from "./proxy/porter.ts";
export { assertServerTls, type ServerTls } from "./proxy/tls-door.ts";
export type { Deadlines, TurnedAway } from "./reception.ts";
