import { type FSWatcher, watch } from "node:fs";
import path from "node:path";
import type { Cancel, Clock } from "../base/index.ts";
import { type Spot, spotsOf } from "./watched-spots.ts";

export interface FileWatchOptions {
  readonly clock: Clock;
  /** Something changed and has been quiet for a moment. Whatever is read from now on is watched already. */
  readonly onChange: () => void;
}

/** Editors and installers write in several steps: so long nothing must happen before somebody looks. */
const QUIET_MS = 250;
/** Whoever writes without end does not put it off for longer. */
const LONGEST_WAIT_MS = 2000;

/**
 * Tells when what some paths lead to may have changed: written, replaced by a rename, reached by another link, removed or made. It asks
 * the operating system to be told, and does nothing while nothing happens.
 */
export class FileWatch {
  readonly #options: FileWatchOptions;
  #paths: readonly string[] = [];
  #watchers: FSWatcher[] = [];
  #generation = 0;
  #waitingSince: number | undefined;
  #cancelWait: Cancel | undefined;

  constructor(options: FileWatchOptions) {
    this.#options = options;
  }

  /** Watch these and nothing else. What changed after `since` (ms since the Unix epoch) counts as a change that was missed. */
  async watch(paths: readonly string[], since: number): Promise<void> {
    this.#paths = paths;
    const spots = await this.#arm();
    if (spots.some(({ changedAt }) => changedAt > since)) this.#noticed();
  }

  close(): void {
    this.#generation += 1;
    this.#cancelWait?.();
    this.#disarm();
  }

  /** What a path leads to is found anew each time: a link may lead elsewhere by now. */
  async #arm(): Promise<readonly Spot[]> {
    this.#generation += 1;
    const generation = this.#generation;
    const spots = (await Promise.all(this.#paths.map(spotsOf))).flat();
    // Somebody else has begun again in between.
    if (generation !== this.#generation) return [];
    this.#disarm();
    for (const [directory, names] of byDirectory(spots)) this.#watchDirectory(directory, names);
    return spots;
  }

  #watchDirectory(directory: string, names: ReadonlySet<string> | "all"): void {
    const own = path.basename(directory);
    try {
      const watcher = watch(directory, { persistent: false }, (_event, name) => {
        // A directory that is moved or removed tells so under its own name.
        if (names === "all" || name === null || name === own || names.has(name)) this.#noticed();
      });
      watcher.on("error", () => this.#noticed());
      this.#watchers.push(watcher);
    } catch {
      // It went away since it was looked at, or the system watches no more: what it holds is read with the next reload.
    }
  }

  #noticed(): void {
    const { clock } = this.#options;
    this.#waitingSince ??= clock.monotonic();
    const waited = clock.monotonic() - this.#waitingSince;
    this.#cancelWait?.();
    this.#cancelWait = clock.after(Math.max(0, Math.min(QUIET_MS, LONGEST_WAIT_MS - waited)), () => void this.#settled());
  }

  async #settled(): Promise<void> {
    this.#waitingSince = undefined;
    const generation = this.#generation + 1;
    await this.#arm();
    if (generation === this.#generation) this.#options.onChange();
  }

  #disarm(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }
}

function byDirectory(spots: readonly Spot[]): ReadonlyMap<string, ReadonlySet<string> | "all"> {
  const found = new Map<string, Set<string> | "all">();
  for (const { directory, name } of spots) {
    const names = found.get(directory);
    if (names === "all") continue;
    if (name === undefined) found.set(directory, "all");
    else found.set(directory, (names ?? new Set()).add(name));
  }
  return found;
}
