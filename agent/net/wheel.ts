import type { Clock } from "../base/index.ts";

/** Something that waits on the {@link Wheel}. The wheel's links live in the thing itself, so that waiting allocates nothing. */
export class WheelEntry {
  /** @internal */ next: WheelEntry | undefined;
  /** @internal */ previous: WheelEntry | undefined;
  /** @internal */ dueTick = -1;
  readonly fire: () => void;

  constructor(fire: () => void) {
    this.fire = fire;
  }
}

const SLOTS = 256;
const TICK_MS = 1000;

/**
 * The one source of deadlines for connections: coarse (a second), cheap (linking two objects), and quiet. It wakes at most once a
 * second, and not at all while nothing waits. Deadlines are never early and at most two seconds late.
 */
export class Wheel {
  readonly #clock: Clock;
  readonly #slots: (WheelEntry | undefined)[] = Array.from({ length: SLOTS });
  #tick: number;
  #size = 0;
  #awake = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#tick = this.#currentTick();
  }

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** Milliseconds that only grow. */
  now(): number {
    return this.#clock.monotonic();
  }

  /** Fire once after `ms`; an entry that waits already is moved. Infinity takes it off. */
  arm(entry: WheelEntry, ms: number): void {
    this.disarm(entry);
    if (!Number.isFinite(ms)) return;
    if (!this.#awake) this.#tick = this.#currentTick();
    entry.dueTick = this.#currentTick() + Math.max(1, Math.ceil(ms / TICK_MS)) + 1;
    const slot = entry.dueTick % SLOTS;
    const head = this.#slots[slot];
    entry.next = head;
    if (head !== undefined) head.previous = entry;
    this.#slots[slot] = entry;
    this.#size += 1;
    this.#sleep();
  }

  /** Take it off; does nothing when it does not wait. */
  disarm(entry: WheelEntry): void {
    if (entry.dueTick < 0) return;
    if (entry.previous === undefined) this.#slots[entry.dueTick % SLOTS] = entry.next;
    else entry.previous.next = entry.next;
    if (entry.next !== undefined) entry.next.previous = entry.previous;
    entry.next = undefined;
    entry.previous = undefined;
    entry.dueTick = -1;
    this.#size -= 1;
  }

  #currentTick(): number {
    return Math.floor(this.#clock.monotonic() / TICK_MS);
  }

  #sleep(): void {
    if (this.#awake || this.#size === 0) return;
    this.#awake = true;
    this.#clock.after(TICK_MS, () => this.#turn());
  }

  #turn(): void {
    this.#awake = false;
    const now = this.#currentTick();
    // After a long sleep of the machine every slot is visited once, not once for each second slept.
    const from = Math.max(this.#tick + 1, now - SLOTS + 1);
    this.#tick = now;
    for (let tick = from; tick <= now; tick += 1) this.#fireSlot(tick % SLOTS, now);
    this.#sleep();
  }

  #fireSlot(slot: number, now: number): void {
    let entry = this.#slots[slot];
    const due: WheelEntry[] = [];
    for (; entry !== undefined; entry = entry.next) if (entry.dueTick <= now) due.push(entry);
    for (const one of due) {
      // An earlier one may have taken it off.
      if (one.dueTick < 0 || one.dueTick > now) continue;
      this.disarm(one);
      one.fire();
    }
  }
}
