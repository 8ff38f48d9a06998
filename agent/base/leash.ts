import type { FailureCode } from "../contract/index.ts";

/**
 * The one thing that can cut a connection short, held by its conductor and handed down to every stage. Like an AbortSignal, but it
 * says why in the table's own codes, and costs one small object: there is one for every connection.
 */
export class Leash {
  #code: FailureCode | undefined;
  #pulled: (() => void) | undefined;

  /** Why it was pulled; undefined while nothing happened. */
  get code(): FailureCode | undefined {
    return this.#code;
  }

  /** Cut short. The first reason stays; a second call does nothing. */
  pull(code: FailureCode): void {
    if (this.#code !== undefined) return;
    this.#code = code;
    const pulled = this.#pulled;
    this.#pulled = undefined;
    pulled?.();
  }

  /**
   * Tell the stage that is at work; it replaces the listener of the stage before, and `undefined` lets go.
   * When the leash is already pulled, `pulled` runs at once.
   */
  watch(pulled: (() => void) | undefined): void {
    if (this.#code === undefined) this.#pulled = pulled;
    else pulled?.();
  }
}
