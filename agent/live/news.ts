import type { Cancel, Clock } from "../base/index.ts";
import type { Change } from "../contract/index.ts";

export interface NewsOptions {
  readonly clock: Clock;
  /** What changed since the last time, and whether to look again even if nobody calls {@link News.stir}. */
  readonly gather: () => { readonly changes: readonly Change[]; readonly again: boolean };
  /** The first watcher came: begin to take notes. */
  readonly begin: () => void;
  /** The last watcher left: forget them. */
  readonly end: () => void;
}

const INTERVAL_MS = 250;

/** Hands gathered changes to watchers, at most four times a second. Without watchers, or without news, no timer runs. */
export class News {
  readonly #options: NewsOptions;
  readonly #watchers = new Set<(changes: readonly Change[]) => void>();
  #timer: Cancel | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(options: NewsOptions) {
    this.#options = options;
  }

  get watched(): boolean {
    return this.#watchers.size > 0;
  }

  watch(take: (changes: readonly Change[]) => void): Cancel {
    // A function of its own for each watcher, so that the same `take` may watch twice.
    const watcher = (changes: readonly Change[]): void => take(changes);
    if (this.#watchers.size === 0) this.#options.begin();
    this.#watchers.add(watcher);
    this.stir();
    return () => {
      if (!this.#watchers.delete(watcher) || this.#watchers.size > 0) return;
      this.#timer?.();
      this.#timer = undefined;
      this.#options.end();
    };
  }

  /** There may be news. */
  stir(): void {
    if (this.#timer !== undefined || this.#watchers.size === 0) return;
    const { clock } = this.#options;
    const waitMs = Math.max(0, this.#lastAt + INTERVAL_MS - clock.monotonic());
    this.#timer = clock.after(waitMs, () => this.#tell());
  }

  #tell(): void {
    this.#timer = undefined;
    this.#lastAt = this.#options.clock.monotonic();
    const { changes, again } = this.#options.gather();
    if (changes.length > 0) for (const watcher of this.#watchers) watcher(changes);
    if (again) this.stir();
  }
}
