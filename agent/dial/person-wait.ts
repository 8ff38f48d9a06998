/**
 * While a handshake waits for a person (who types a PIN, or touches a key), the time to connect stands still for all who dial the same
 * server: they wait for the same token. Whoever asks the person bounds the waiting.
 */
export class PersonWait {
  #waits = 0;
  readonly #watchers = new Set<() => void>();

  get isWaiting(): boolean {
    return this.#waits > 0;
  }

  begin(): void {
    this.#waits += 1;
    if (this.#waits === 1) this.#tell();
  }

  end(): void {
    this.#waits -= 1;
    if (this.#waits === 0) this.#tell();
  }

  /** `run` is called at each change, until what this returns is called. */
  watch(run: () => void): () => void {
    this.#watchers.add(run);
    return () => void this.#watchers.delete(run);
  }

  #tell(): void {
    for (const run of this.#watchers) run();
  }
}
