import type { Leash } from "../base/index.ts";
import type { Route } from "../connection/index.ts";
import { type Address, type Wheel, WheelEntry } from "../net/index.ts";
import type { Carrier, CarrierWatcher, Tunnel } from "./carrier.ts";

export interface KeptCarrierOptions {
  readonly wheel: Wheel;
  /** Retired after so long without a tunnel. */
  readonly idleMs: number;
  /** There may be room now, or it is gone. */
  readonly onChange: (kept: KeptCarrier) => void;
}

/** A carrier as long as it is of use: retired when nobody used it for a while, forgotten when it is gone. */
export class KeptCarrier implements CarrierWatcher {
  isRetired = false;
  isGone = false;
  readonly #options: KeptCarrierOptions;
  readonly #idle = new WheelEntry(() => this.retire());
  #begun: { readonly carrier: Carrier; readonly remote: Address; readonly at: number } | undefined;

  constructor(options: KeptCarrierOptions) {
    this.#options = options;
  }

  begin(carrier: Carrier, remote: Address): void {
    this.#begun = { carrier, remote, at: this.#options.wheel.now() };
    if (this.isRetired) carrier.retire();
    this.#watchIdle();
  }

  get ageMs(): number {
    return this.#begun === undefined ? 0 : this.#options.wheel.now() - this.#begun.at;
  }

  get remote(): Address | undefined {
    return this.#begun?.remote;
  }

  /** Undefined when there is no room. Otherwise room was taken before this returns. */
  open(route: Route, giveUp: Leash): Promise<Tunnel> | undefined {
    const carrier = this.#begun?.carrier;
    if (carrier === undefined || this.isRetired || this.isGone || carrier.room <= 0) return undefined;
    this.#options.wheel.disarm(this.#idle);
    return carrier.open(route, giveUp);
  }

  get room(): number {
    return this.isRetired || this.isGone ? 0 : (this.#begun?.carrier.room ?? 0);
  }

  retire(): void {
    if (this.isRetired) return;
    this.isRetired = true;
    this.#options.wheel.disarm(this.#idle);
    this.#begun?.carrier.retire();
  }

  destroy(): void {
    this.#begun?.carrier.destroy();
  }

  changed(): void {
    this.#watchIdle();
    this.#options.onChange(this);
  }

  retired(): void {
    this.retire();
    this.#options.onChange(this);
  }

  gone(): void {
    this.isGone = true;
    this.#options.wheel.disarm(this.#idle);
    this.#options.onChange(this);
  }

  #watchIdle(): void {
    const { wheel, idleMs } = this.#options;
    if (this.#begun?.carrier.tunnels === 0 && !this.isRetired && !this.isGone) wheel.arm(this.#idle, idleMs);
  }
}
