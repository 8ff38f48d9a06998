import { duplexPair } from "node:stream";
import type { Cancel, Clock, Logger } from "../base/index.ts";
import { type AcceptLoopOptions, type Acceptor, acceptLoop } from "./accept-loop.ts";
import { connectTcp } from "./connect.ts";
import type { LegBase } from "./leg-base.ts";
import type { Leg } from "./leg.ts";
import { StreamLeg } from "./stream-leg.ts";
import { Wheel } from "./wheel.ts";

/** A clock that stands still until it is told to go on. */
export class StillClock implements Clock {
  time = 0;
  wakes = 0;
  private readonly timers = new Set<{ readonly at: number; readonly run: () => void }>();

  now(): number {
    return this.time;
  }

  monotonic(): number {
    return this.time;
  }

  after(ms: number, run: () => void): Cancel {
    const timer = { at: this.time + ms, run };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  get waiting(): number {
    return this.timers.size;
  }

  /** Let time pass, running what falls due in between, in order. */
  pass(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      const next = [...this.timers].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.timers.delete(next);
      this.time = Math.max(this.time, next.at);
      this.wakes += 1;
      next.run();
    }
    this.time = until;
  }
}

export class TellingLogger implements Logger {
  readonly lines: string[] = [];
  debug(event: string): void {
    this.lines.push(event);
  }
  info(event: string): void {
    this.lines.push(event);
  }
  warn(event: string): void {
    this.lines.push(event);
  }
  error(event: string): void {
    this.lines.push(event);
  }
}

export interface Ends {
  readonly near: LegBase;
  readonly far: LegBase;
}

/** Each way in which a leg can be made, so that one battery of promises holds for all. */
export interface LegKind {
  readonly name: string;
  readonly isKernel: boolean;
  open(): Promise<Ends>;
  close(): Promise<void>;
}

/** Two legs joined by the kernel: bare handles where the runtime allows, streams otherwise. */
export function kernelLegs(): LegKind {
  const clock = new StillClock();
  /** Accepted legs by the port that they came from. */
  const arrived = new Map<number, LegBase>();
  let acceptor: Promise<Acceptor> | undefined;
  const opened: LegBase[] = [];
  return {
    name: "kernel sockets",
    isKernel: true,
    async open() {
      acceptor ??= openLoop({ onLeg: (leg) => arrived.set(leg.remote?.port ?? 0, leg as LegBase), wheel: new Wheel(clock) });
      const near = (await connectTo(await acceptor)) as LegBase;
      opened.push(near);
      const port = near.local?.port ?? -1;
      await until(() => arrived.has(port));
      const far = arrived.get(port) as LegBase;
      return { near, far };
    },
    async close() {
      for (const leg of opened) leg.destroy();
      await (await acceptor)?.close(0);
    },
  };
}

/** Two legs over plain Node streams joined in memory. */
export function streamLegs(): LegKind {
  const opened: LegBase[] = [];
  return {
    name: "streams",
    isKernel: false,
    open() {
      const [a, b] = duplexPair({ allowHalfOpen: true });
      const ends = { near: new StreamLeg(a), far: new StreamLeg(b) };
      opened.push(ends.near, ends.far);
      return Promise.resolve(ends);
    },
    close() {
      for (const leg of opened) leg.destroy();
      return Promise.resolve();
    },
  };
}

export function openLoop(options: Partial<AcceptLoopOptions> & Pick<AcceptLoopOptions, "onLeg">): Promise<Acceptor> {
  return acceptLoop({
    listen: [{ kind: "tcp", host: "127.0.0.1", port: 0 }],
    maxConnections: 1000,
    wheel: new Wheel(new StillClock()),
    logger: new TellingLogger(),
    ...options,
  });
}

export function connectTo(acceptor: Acceptor): Promise<Leg> {
  const [at] = acceptor.bound;
  if (at === undefined) throw new Error("the acceptor has no TCP port");
  return new Promise((resolve, reject) => {
    connectTcp(at.address, at.port, (connected) => {
      if ("leg" in connected) resolve(connected.leg);
      else reject(new Error(connected.error));
    });
  });
}

/** Everything until the peer ends. */
export async function readAll(leg: Leg): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (;;) {
    const part = await leg.readSome();
    if (part.length === 0) return Buffer.concat(parts);
    parts.push(part);
  }
}

/** Wait until something is so; the test's own deadline is the only one. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
