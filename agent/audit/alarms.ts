import type { Clock } from "../base/index.ts";
import type { Alarm, FailureCode } from "../contract/index.ts";

/** What can be wrong with the record, each at most once at a time. */
export type AlarmPlace = "writing" | "filing" | "damage";

/** The record's standing alarms. */
export class Alarms {
  readonly #clock: Clock;
  readonly #changed: (alarms: readonly Alarm[]) => void;
  readonly #standing = new Map<AlarmPlace, Alarm>();

  constructor(clock: Clock, changed: (alarms: readonly Alarm[]) => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  get list(): readonly Alarm[] {
    return [...this.#standing.values()];
  }

  /** An alarm that stands already keeps its beginning. */
  raise(place: AlarmPlace, code: FailureCode, detail: string): void {
    const standing = this.#standing.get(place);
    if (standing?.code === code && standing.detail === detail) return;
    this.#standing.set(place, { code, detail, since: standing?.since ?? this.#clock.now() });
    this.#changed(this.list);
  }

  clear(place: AlarmPlace): void {
    if (this.#standing.delete(place)) this.#changed(this.list);
  }
}
