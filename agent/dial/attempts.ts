import type { Cancel, Clock, Leash } from "../base/index.ts";
import type { FailureCode } from "../connection/index.ts";
import { type Connected, type Connecting, formatAddress, type Leg, type Wheel, WheelEntry } from "../net/index.ts";
import { type DialFailure, dialFailed } from "./dialler.ts";

export type Connect = (address: string, port: number, done: (connected: Connected) => void) => Connecting;

export type Reached = { readonly kind: "reached"; readonly leg: Leg; readonly address: string } | DialFailure;

export interface AttemptOptions {
  readonly port: number;
  readonly connect: Connect;
  /** For the pause between addresses. */
  readonly clock: Clock;
  /** For the deadline, which may be a second or two late. */
  readonly wheel: Wheel;
  /** What is left of the time to connect. */
  readonly connectMs: number;
  readonly leash: Leash;
}

/** RFC 8305 section 5: the recommended pause before the next address is tried as well. */
const STAGGER_MS = 250;

/** Try the addresses, each a little after the one before or as soon as it fails; the first that connects wins, the rest is given up. */
export function attemptAddresses(addresses: readonly string[], options: AttemptOptions): Promise<Reached> {
  const [only] = addresses;
  return new Promise((resolve) => {
    if (addresses.length === 1 && only !== undefined) attemptOne(only, options, resolve);
    else new Race(interleaveFamilies(addresses), options, resolve).start();
  });
}

/** Most destinations have one address: nothing to race, and little to allocate. */
function attemptOne(address: string, options: AttemptOptions, resolve: (reached: Reached) => void): void {
  const { port, connect, wheel, connectMs, leash } = options;
  const settle = (reached: Reached): void => {
    wheel.disarm(deadline);
    leash.watch(undefined);
    resolve(reached);
  };
  const attempt = connect(address, port, (connected) => {
    settle("leg" in connected ? { kind: "reached", leg: connected.leg, address } : aggregate([{ address, error: connected.error }], port));
  });
  const giveUp = (failure: DialFailure): void => {
    attempt.cancel();
    settle(failure);
  };
  const deadline = new WheelEntry(() => giveUp(aggregate([{ address, error: "ETIMEDOUT" }], port)));
  wheel.arm(deadline, connectMs);
  leash.watch(() => giveUp(dialFailed(leash.code ?? "INTERNAL", "given up")));
}

/** RFC 8305 section 4: alternate between the families, beginning with the one that the resolver prefers. */
export function interleaveFamilies(addresses: readonly string[]): readonly string[] {
  const [first] = addresses;
  if (first === undefined || addresses.length === 1) return addresses;
  const preferred = addresses.filter((address) => isSix(address) === isSix(first));
  const other = addresses.filter((address) => isSix(address) !== isSix(first));
  const ordered: string[] = [];
  for (let at = 0; at < Math.max(preferred.length, other.length); at += 1) {
    for (const address of [preferred[at], other[at]]) if (address !== undefined) ordered.push(address);
  }
  return ordered;
}

class Race {
  private readonly addresses: readonly string[];
  private readonly options: AttemptOptions;
  private readonly resolve: (reached: Reached) => void;
  private readonly running = new Set<Connecting>();
  private readonly errors: { readonly address: string; readonly error: string }[] = [];
  private next = 0;
  private cancelStagger: Cancel | undefined;
  private readonly deadline = new WheelEntry(() => this.timedOut());
  private over = false;

  constructor(addresses: readonly string[], options: AttemptOptions, resolve: (reached: Reached) => void) {
    this.addresses = addresses;
    this.options = options;
    this.resolve = resolve;
  }

  start(): void {
    const { connectMs, leash, wheel } = this.options;
    wheel.arm(this.deadline, connectMs);
    leash.watch(() => this.finish(dialFailed(leash.code ?? "INTERNAL", "given up")));
    if (!this.over) this.startNext();
  }

  private startNext(): void {
    const address = this.addresses[this.next];
    if (address === undefined || this.over) return;
    this.next += 1;
    const attempt = this.options.connect(address, this.options.port, (connected) => {
      this.running.delete(attempt);
      if ("leg" in connected) this.finish({ kind: "reached", leg: connected.leg, address });
      else this.failed(address, connected.error);
    });
    this.running.add(attempt);
    if (this.next < this.addresses.length) this.cancelStagger = this.options.clock.after(STAGGER_MS, () => this.startNext());
  }

  private failed(address: string, error: string): void {
    this.errors.push({ address, error });
    this.cancelStagger?.();
    if (this.next < this.addresses.length) this.startNext();
    else if (this.running.size === 0) this.finish(aggregate(this.errors, this.options.port));
  }

  private timedOut(): void {
    for (const address of this.addresses.slice(0, this.next)) {
      if (!this.errors.some((one) => one.address === address)) this.errors.push({ address, error: "ETIMEDOUT" });
    }
    this.finish(aggregate(this.errors, this.options.port));
  }

  private finish(reached: Reached): void {
    if (this.over) {
      if (reached.kind === "reached") reached.leg.destroy();
      return;
    }
    this.over = true;
    this.cancelStagger?.();
    this.options.wheel.disarm(this.deadline);
    this.options.leash.watch(undefined);
    for (const attempt of this.running) attempt.cancel();
    this.resolve(reached);
  }
}

const CODES: Readonly<Record<string, FailureCode>> = {
  ECONNREFUSED: "DIAL_REFUSED",
  ECONNRESET: "DIAL_RESET",
  ETIMEDOUT: "DIAL_TIMEOUT",
  EHOSTUNREACH: "DIAL_UNREACHABLE",
  ENETUNREACH: "DIAL_UNREACHABLE",
  EHOSTDOWN: "DIAL_UNREACHABLE",
  ENETDOWN: "DIAL_UNREACHABLE",
  EADDRNOTAVAIL: "DIAL_RESOURCES",
  EAFNOSUPPORT: "DIAL_UNREACHABLE",
  EACCES: "DIAL_UNREACHABLE",
  EPERM: "DIAL_UNREACHABLE",
  EINVAL: "DIAL_UNREACHABLE",
  EMFILE: "DIAL_RESOURCES",
  ENFILE: "DIAL_RESOURCES",
  ENOBUFS: "DIAL_RESOURCES",
  ENOMEM: "DIAL_RESOURCES",
};

/**
 * When several addresses failed in several ways, the most telling one is reported: our own lack of resources, then an answer from
 * the server, then silence, then a network that could not even be tried. The detail names them all.
 */
const TELLING: readonly FailureCode[] = ["DIAL_RESOURCES", "DIAL_REFUSED", "DIAL_RESET", "DIAL_TIMEOUT", "DIAL_UNREACHABLE"];

export function aggregate(errors: readonly { readonly address: string; readonly error: string }[], port: number): DialFailure {
  const codes = errors.map(({ error }) => CODES[error] ?? "DIAL_UNREACHABLE");
  const code = TELLING.find((one) => codes.includes(one)) ?? "DIAL_UNREACHABLE";
  return dialFailed(code, errors.map(({ address, error }) => `${formatAddress({ address, port })} ${error}`).join(", "));
}

function isSix(address: string): boolean {
  return address.includes(":");
}
