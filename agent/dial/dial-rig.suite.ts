import { Leash } from "../base/index.ts";
import { type Leg, Wheel } from "../net/index.ts";
import { StillClock } from "../testing/index.ts";
import type { Connect } from "./attempts.ts";
import type { DialOptions } from "./dialler.ts";
import type { DirectOptions } from "./direct.ts";

/** What an address does when it is connected to: an error at once or after a while, a success after a while, or silence. */
export type Behaviour = { readonly afterMs: number; readonly error?: string } | "silent";

export interface Network {
  readonly connect: Connect;
  readonly tried: { readonly address: string; readonly at: number }[];
  readonly cancelled: string[];
  readonly destroyed: string[];
}

/** A network of addresses that behave as told, on a clock that stands still. */
export function fakeNetwork(clock: StillClock, behaviours: Readonly<Record<string, Behaviour>>): Network {
  const network: Network = {
    tried: [],
    cancelled: [],
    destroyed: [],
    connect: (address, _port, done) => {
      network.tried.push({ address, at: clock.time });
      const behaviour = behaviours[address] ?? "silent";
      const cancelTimer =
        behaviour === "silent"
          ? () => undefined
          : clock.after(behaviour.afterMs, () =>
              done(behaviour.error === undefined ? { leg: legTo(address) } : { error: behaviour.error }),
            );
      return {
        cancel: () => {
          cancelTimer();
          network.cancelled.push(address);
        },
      };
    },
  };
  const legTo = (address: string): Leg =>
    ({ destroy: () => network.destroyed.push(address), local: { address: "192.0.2.9", port: 9 }, address }) as unknown as Leg;
  return network;
}

export interface Rig {
  readonly clock: StillClock;
  readonly network: Network;
  readonly leash: Leash;
  readonly options: DialOptions;
  readonly direct: DirectOptions;
}

export function rig(behaviours: Readonly<Record<string, Behaviour>>, more: Partial<DirectOptions & DialOptions> = {}): Rig {
  const clock = new StillClock();
  const network = fakeNetwork(clock, behaviours);
  const leash = new Leash();
  return {
    clock,
    network,
    leash,
    options: { connectMs: more.connectMs ?? 10_000, leash, admit: more.admit ?? (() => true) },
    direct: {
      clock,
      wheel: new Wheel(clock),
      resolve: more.resolve ?? (() => Promise.resolve({ kind: "resolved", addresses: Object.keys(behaviours) })),
      isOwnListener: more.isOwnListener ?? (() => false),
      connect: network.connect,
    },
  };
}

/** Let everything that is ready happen, then let time pass. */
export async function pass(clock: StillClock, ms: number): Promise<void> {
  await settle();
  clock.pass(ms);
  await settle();
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
