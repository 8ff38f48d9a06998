import type { Clock } from "../../base/index.ts";
import type { HostKeyQuestionView } from "../../contract/index.ts";

export interface HostKeyDeskOptions {
  readonly clock: Clock;
  /** A question came or went. */
  readonly onChange: () => void;
}

export type HostKeyQuestion = Omit<HostKeyQuestionView, "id" | "expiresAt">;

interface Open {
  readonly view: HostKeyQuestionView;
  readonly answer: (accept: boolean | undefined) => void;
}

/** A question holds a server's connection open, and those who wait for it: nobody waits longer than this. */
export const hostKeyPatienceMs = 60_000;

/** Where the keys of servers that were never met before lie until the person says yes or no. */
export class HostKeyDesk {
  readonly #options: HostKeyDeskOptions;
  readonly #open = new Map<string, Open>();
  #count = 0;

  constructor(options: HostKeyDeskOptions) {
    this.#options = options;
  }

  /** Whether the person accepts the key; undefined when nobody answered in time, or `gone` was aborted. */
  async ask(question: HostKeyQuestion, gone: AbortSignal): Promise<boolean | undefined> {
    this.#count += 1;
    const id = `host-${this.#count}`;
    const { promise, resolve } = Promise.withResolvers<boolean | undefined>();
    const giveUp = (): void => resolve(undefined);
    const { clock, onChange } = this.#options;
    const stopTimer = clock.after(hostKeyPatienceMs, giveUp);
    gone.addEventListener("abort", giveUp, { once: true });
    if (gone.aborted) giveUp();
    this.#open.set(id, { view: { id, ...question, expiresAt: clock.now() + hostKeyPatienceMs }, answer: resolve });
    onChange();
    try {
      return await promise;
    } finally {
      stopTimer();
      gone.removeEventListener("abort", giveUp);
      this.#open.delete(id);
      onChange();
    }
  }

  questions(): HostKeyQuestionView[] {
    return [...this.#open.values()].map(({ view }) => view);
  }

  /** False: nobody waits for this answer any more. */
  answer(id: string, accept: boolean): boolean {
    const open = this.#open.get(id);
    open?.answer(accept);
    return open !== undefined;
  }
}
