import { type Cancel, type Clock, formatCause, Leash } from "../base/index.ts";
import { dialFailed } from "./dialler.ts";
import type { BackendHealth } from "./health.ts";
import type { Probe } from "./probe-server.ts";

/** One way out that is to be looked at without being used. */
export interface BackendCheck {
  readonly backend: string;
  readonly health: BackendHealth;
  readonly probe: Probe;
  readonly everyMs: number;
  readonly timeoutMs: number;
}

/**
 * Looks at ways out from time to time. One that was used in between has told already how it does, and is left alone; one that fails is
 * looked at until it works. INVARIANT: never more often than asked for, whatever is reloaded meanwhile (backend-checks.test.ts).
 */
export class BackendChecks {
  readonly #clock: Clock;
  #running: readonly Running[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** These from now on, and no others. */
  follow(checks: readonly BackendCheck[]): void {
    this.close();
    this.#running = checks.map((check) => new Running(check, this.#clock));
    for (const running of this.#running) running.start();
  }

  close(): void {
    for (const running of this.#running) running.stop();
    this.#running = [];
  }
}

class Running {
  readonly #check: BackendCheck;
  readonly #clock: Clock;
  readonly #leash = new Leash();
  #cancel: Cancel | undefined;
  #isStopped = false;

  constructor(check: BackendCheck, clock: Clock) {
    this.#check = check;
    this.#clock = clock;
  }

  start(): void {
    const { health, everyMs } = this.#check;
    const sinceMs = this.#clock.monotonic() - (health.checkedAt ?? Number.NEGATIVE_INFINITY);
    this.#wait(Math.max(0, everyMs - sinceMs));
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
    this.#leash.pull("AGENT_DRAINING");
  }

  #wait(ms: number): void {
    if (this.#isStopped) return;
    this.#cancel = this.#clock.after(ms, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { backend, health, probe, everyMs, timeoutMs } = this.#check;
    if (health.wasUsedWithin(everyMs)) return this.#wait(everyMs);
    const startedAt = this.#clock.monotonic();
    health.checkedAt = startedAt;
    const found = await probe({ backend, connectMs: timeoutMs, leash: this.#leash }).catch((cause: unknown) =>
      dialFailed("INTERNAL", formatCause(cause)),
    );
    if (!this.#isStopped) health.noteCheck(found, this.#clock.monotonic() - startedAt);
    return this.#wait(everyMs);
  }
}
