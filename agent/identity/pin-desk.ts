import type { Clock } from "../base/index.ts";
import type { PinQuestionView, TouchView } from "../contract/index.ts";
import type { AnnounceTouch, AskPin, TouchNotice } from "./person.ts";

export interface PinDeskOptions {
  readonly clock: Clock;
  /** A question or a touch came or went. */
  readonly onChange: () => void;
}

interface Open {
  readonly view: PinQuestionView;
  readonly answer: (pin: Uint8Array | undefined) => void;
}

/** A question without an answer holds a connection up; nobody waits longer than this. */
const patienceMs = 60_000;

/** Where questions for the person lie until a screen or a command line picks them up. Answers pass through and are kept nowhere. */
export class PinDesk {
  readonly #options: PinDeskOptions;
  readonly #open = new Map<string, Open>();
  #touches: readonly TouchNotice[] = [];
  #count = 0;

  constructor(options: PinDeskOptions) {
    this.#options = options;
  }

  readonly ask: AskPin = async (question) => {
    this.#count += 1;
    const id = `pin-${this.#count}`;
    const { promise, resolve } = Promise.withResolvers<Uint8Array | undefined>();
    const stopTimer = this.#options.clock.after(patienceMs, () => resolve(undefined));
    const expiresAt = this.#options.clock.now() + patienceMs;
    this.#open.set(id, { view: { id, ...question, expiresAt }, answer: resolve });
    this.#options.onChange();
    try {
      return await promise;
    } finally {
      stopTimer();
      this.#open.delete(id);
      this.#options.onChange();
    }
  };

  readonly announceTouch: AnnounceTouch = (notice) => {
    const others = this.#touches.filter(({ identity, token }) => identity !== notice.identity || token !== notice.token);
    this.#touches = notice.isOver ? others : [...others, notice];
    this.#options.onChange();
  };

  questions(): PinQuestionView[] {
    return [...this.#open.values()].map(({ view }) => view);
  }

  touches(): TouchView[] {
    return this.#touches.map(({ identity, token, kind = "touch" }) => ({ identity, token, kind }));
  }

  /** Without a PIN: no. False: nobody waits for this answer any more. */
  answer(id: string, pin: Uint8Array | undefined): boolean {
    const open = this.#open.get(id);
    if (open === undefined) return false;
    open.answer(pin);
    return true;
  }
}
