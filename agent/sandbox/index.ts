/**
 * Runs a script of the administrator's where it can do nothing but answer: no files, no network, no processes, no memory from one
 * question to the next. It knows neither TLS nor proxies. `main` may knock.
 */
export { Sandbox, SandboxBroken, type SandboxOptions } from "./sandbox.ts";
