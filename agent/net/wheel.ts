import type { Cancel, Clock } from "../base/index.ts";

/** Something that waits on the {@link Wheel}. The wheel's links live in the thing itself, so that waiting allocates nothing. */
export class WheelEntry {
  /** @internal */ next: WheelEntry | undefined;
  /** @internal */ previous: WheelEntry | undefined;
  /** @internal */ dueTick = -1;
  private readonly fired: (() => void) | undefined;

  /** Without `fired` a subclass says what happens. */
  constructor(fired?: () => void) {
    this.fired = fired;
  }

  fire(): void {
    this.fired?.();
  }
}

const SLOTS = 256;
const TICK_MS = 1000;

/**
 * The one source of deadlines for connections: coarse (a second), cheap (linking two objects), and quiet. It wakes at most once a
 * second, sleeps through seconds in which nothing is due, and does not wake at all while nothing waits.
 * Deadlines are never early and at most a second late.
 */
export class Wheel {
  readonly #clock: Clock;
  /** Slot `t % SLOTS` holds everything that is due at tick t, in this turn of the wheel or a later one. */
  readonly #slots: (WheelEntry | undefined)[] = Array.from({ length: SLOTS });
  /** Everything due up to here has fired. */
  #tick: number;
  #size = 0;
  #wakeTick = Number.POSITIVE_INFINITY;
  #cancelWake: Cancel | undefined;

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
    if (this.#size === 0) this.#tick = this.#currentTick();
    // Never within a tick that has begun to fire: an entry that arms itself again must not run for ever.
    entry.dueTick = Math.max(this.#tick + 1, Math.ceil((this.now() + ms) / TICK_MS));
    const slot = entry.dueTick % SLOTS;
    const head = this.#slots[slot];
    entry.next = head;
    if (head !== undefined) head.previous = entry;
    this.#slots[slot] = entry;
    this.#size += 1;
    if (entry.dueTick < this.#wakeTick) this.#wakeAt(Math.min(entry.dueTick, this.#tick + SLOTS));
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

  #wakeAt(tick: number): void {
    this.#cancelWake?.();
    this.#wakeTick = tick;
    this.#cancelWake = this.#clock.after(Math.max(1, Math.ceil(tick * TICK_MS - this.now())), () => this.#turn());
  }

  #turn(): void {
    this.#cancelWake = undefined;
    this.#wakeTick = Number.POSITIVE_INFINITY;
    const now = this.#currentTick();
    // After a long sleep of the machine every slot is visited once, not once for each second slept.
    const from = Math.max(this.#tick + 1, now - SLOTS + 1);
    this.#tick = now;
    for (let tick = from; tick <= now; tick += 1) this.#fireSlot(tick % SLOTS, now);
    this.#sleep();
  }

  /** Until the next slot that holds anything, at most one turn of the wheel. */
  #sleep(): void {
    if (this.#size === 0) return;
    for (let tick = this.#tick + 1; tick < this.#wakeTick && tick <= this.#tick + SLOTS; tick += 1) {
      if (this.#slots[tick % SLOTS] !== undefined) {
        this.#wakeAt(tick);
        return;
      }
    }
  }

  #fireSlot(slot: number, now: number): void {
    const due: WheelEntry[] = [];
    for (let entry = this.#slots[slot]; entry !== undefined; entry = entry.next) if (entry.dueTick <= now) due.push(entry);
    for (const entry of due) {
      // One that fired before it may have taken it off, or armed it anew.
      if (entry.dueTick < 0 || entry.dueTick > now) continue;
      this.disarm(entry);
      entry.fire();
    }
  }
}
