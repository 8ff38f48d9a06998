import type { Clock } from "../base/index.ts";
import type { Dialled, Dialler, DialFailure } from "./dialler.ts";

/** How a way out does, as its last connections found it. */
export type Health =
  | { readonly state: "unknown" | "healthy" }
  | { readonly state: "failing"; readonly problem: string; readonly since: number };

/** What the last look at a way out found. */
export interface LastCheck {
  /** ms since the Unix epoch. */
  readonly at: number;
  readonly ms: number;
  /** Absent: it was open. */
  readonly problem?: string;
}

export interface HealthOptions {
  readonly clock: Clock;
  /** The way out began to fail, or works again. */
  readonly onChange: (health: Health) => void;
}

/** The first rest after a failure; it doubles with each failure after a rest. */
const FIRST_REST_MS = 1000;
const LONGEST_REST_MS = 60_000;

/** A way out whose connections teach how it does: nothing is sent for the sake of knowing. */
export function watchDialler(dialler: Dialler, health: BackendHealth): Dialler {
  return {
    dial: async (route, how) => {
      const dialled = await dialler.dial(route, how);
      health.note(dialled);
      return dialled;
    },
    isResting: () => health.isResting(),
  };
}

/** What is remembered of one way out; it outlives the dialler when a reload leaves the backend as it is. */
export class BackendHealth {
  current: Health = { state: "unknown" };
  lastCheck: LastCheck | undefined;
  /** When it was last looked at, on the monotonic clock. */
  checkedAt: number | undefined;
  #usedAt: number | undefined;
  readonly #options: HealthOptions;
  #restMs = 0;
  #restsUntil = 0;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  isResting(): boolean {
    return this.#options.clock.monotonic() < this.#restsUntil;
  }

  /** Only what the way out itself did counts: a destination that refuses says nothing about the way. */
  note(dialled: Dialled): void {
    if (dialled.kind === "open" || dialled.isBackendDown === true) this.#usedAt = this.#options.clock.monotonic();
    this.#learn(dialled);
  }

  /** A look counts as a use does: what is open again has rested enough. */
  noteCheck(found: { readonly kind: "open" } | DialFailure, ms: number): void {
    const at = this.#options.clock.now();
    this.lastCheck = found.kind === "open" ? { at, ms } : { at, ms, problem: `${found.code}: ${found.detail}` };
    this.#learn(found);
  }

  /** Whether it has shown by being used that it works. */
  wasUsedWithin(ms: number): boolean {
    return this.current.state === "healthy" && this.#usedAt !== undefined && this.#options.clock.monotonic() - this.#usedAt < ms;
  }

  #learn(dialled: { readonly kind: "open" } | DialFailure): void {
    if (dialled.kind === "open") this.#worked();
    else if (dialled.isBackendDown === true) this.#failed(dialled);
  }

  #worked(): void {
    this.#restMs = 0;
    this.#restsUntil = 0;
    if (this.current.state !== "healthy") this.#become({ state: "healthy" });
  }

  #failed({ detail, code }: DialFailure): void {
    const { clock } = this.#options;
    // Those that were under way together fail together: one rest for all of them.
    if (!this.isResting()) this.#rest();
    const wasFailing = this.current.state === "failing";
    const next: Health = {
      state: "failing",
      problem: `${code}: ${detail}`,
      since: this.current.state === "failing" ? this.current.since : clock.now(),
    };
    this.current = next;
    if (!wasFailing) this.#options.onChange(next);
  }

  #rest(): void {
    this.#restMs = this.#restMs === 0 ? FIRST_REST_MS : Math.min(LONGEST_REST_MS, this.#restMs * 2);
    this.#restsUntil = this.#options.clock.monotonic() + this.#restMs;
  }

  #become(health: Health): void {
    this.current = health;
    this.#options.onChange(health);
  }
}
