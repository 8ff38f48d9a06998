/**
 * The lab bench: a real agent as a child process, real origin servers on loopback, real clients. Tests take `test` from here; whatever
 * they start is stopped and checked after each of them.
 */
export { type Agent, type AgentOptions } from "./agent.ts";
export { expect, type Lab, test } from "./lab.ts";
export { type Ran, run } from "./run.ts";
export { eventually } from "./eventually.ts";
export { gitOverHttp } from "./git-server.ts";
export { type ProcessState, readProcessState } from "./process-state.ts";
export { openTunnel, talk, type Tunnel } from "./tunnel.ts";
export { connectionLike } from "./connections.ts";
export { browse } from "./chromium.ts";
export { anotherUid, canBeAnother, runAsAnother } from "./other-user.ts";
export { openConsole } from "./console.ts";
export { type Authority, createAuthority, type Issued } from "../../agent/testing/index.ts";
export { makeToken, type Token } from "./token.ts";
export { enrolledLaptop, type TokenLaptop } from "./token-laptop.ts";
export { type ForeignAuthority, hasAuthorities, startEst, startStepCa, type StepCa } from "./authorities.ts";
export { freePort } from "./free-port.ts";
