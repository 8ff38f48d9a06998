import { isIP } from "node:net";
import type { Clock } from "../base/index.ts";
import type { Route } from "../connection/index.ts";
import { type Address, connectTcp, formatAddress, type Leg, type Upstream, type Wheel, WheelEntry } from "../net/index.ts";
import { attemptAddresses, type Connect } from "./attempts.ts";
import { type Dialled, type Dialler, type DialFailure, dialFailed, type DialOptions } from "./dialler.ts";
import type { Resolve, Resolved } from "./resolver.ts";

export interface DirectOptions {
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly resolve: Resolve;
  /** Whether connecting to this address and port would reach one of our own listeners; see `createOwnListeners`. */
  readonly isOwnListener: (address: string, port: number) => boolean;
  /** For tests; the kernel's otherwise. */
  readonly connect?: Connect;
}

/** The way out that needs nobody: look the name up here, connect from here. */
export function createDirectDialler(direct: DirectOptions): Dialler {
  return { dial: (route, options) => dialDirect(route, options, direct) };
}

async function dialDirect(route: Route, options: DialOptions, direct: DirectOptions): Promise<Dialled> {
  const { clock, wheel, connect = connectTcp } = direct;
  const { leash } = options;
  const startedAt = clock.monotonic();
  const found = isIP(route.host) === 0 ? await resolveInTime(route.host, options, direct) : literal(route.host);
  if (found.kind === "failed") return found;
  const usable = await usableAddresses(found.addresses, route.port, { options, direct });
  if ("kind" in usable) return usable;
  if (leash.code !== undefined) return dialFailed(leash.code, "given up");
  const connectMs = options.connectMs - (clock.monotonic() - startedAt);
  const reached = await attemptAddresses(usable, { port: route.port, connect, clock, wheel, connectMs, leash });
  if (reached.kind === "failed") return reached;
  const remote: Address = { address: reached.address, port: route.port };
  return { kind: "open", upstream: new DirectUpstream(reached.leg, route.backend, remote) };
}

function literal(address: string): Resolved {
  return { kind: "resolved", addresses: [address] };
}

/** A resolver cannot be interrupted; when the time is over or the client is gone, its answer is not waited for. */
function resolveInTime(name: string, { connectMs, leash }: DialOptions, { resolve: ask, wheel }: DirectOptions): Promise<Resolved> {
  return new Promise((resolve) => {
    const settle = (resolved: Resolved): void => {
      wheel.disarm(deadline);
      leash.watch(undefined);
      resolve(resolved);
    };
    const deadline = new WheelEntry(() => settle(dialFailed("DIAL_NAME_FAILED", `${name} could not be looked up in time`)));
    wheel.arm(deadline, connectMs);
    leash.watch(() => settle(dialFailed(leash.code ?? "INTERNAL", "given up")));
    ask(name).then(settle, (cause: unknown) => settle(dialFailed("DIAL_NAME_FAILED", `${name}: ${String(cause)}`)));
  });
}

interface Dialling {
  readonly options: DialOptions;
  readonly direct: DirectOptions;
}

/** SECURITY: each address is judged as what it is, after the name was resolved and before anything is sent to it. */
async function usableAddresses(
  addresses: readonly string[],
  port: number,
  { options, direct }: Dialling,
): Promise<readonly string[] | DialFailure> {
  const usable: string[] = [];
  let isLoop = false;
  for (const address of addresses) {
    if (direct.isOwnListener(address, port)) isLoop = true;
    else if (await options.admit(address, port)) usable.push(address);
  }
  if (usable.length > 0) return usable;
  const named = addresses.map((address) => formatAddress({ address, port })).join(", ");
  return isLoop
    ? dialFailed("DIAL_LOOP", `${named} is a listener of this agent`)
    : dialFailed("DIAL_ADDRESS_DENIED", `${named} is not allowed by the policy`);
}

class DirectUpstream implements Upstream {
  readonly leg: Leg;
  readonly backend: string;
  readonly remote: Address;

  constructor(leg: Leg, backend: string, remote: Address) {
    this.leg = leg;
    this.backend = backend;
    this.remote = remote;
  }

  /** Asked of the system only by protocols that must tell it. */
  get local(): Address {
    return this.leg.local ?? { address: this.remote.address.includes(":") ? "::" : "0.0.0.0", port: 0 };
  }
}
