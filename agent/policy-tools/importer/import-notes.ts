/** What an import changed, and why. */
export interface ImportNote {
  readonly line: number;
  readonly message: string;
}

/** Something that cannot be said in the language, or that the original refuses while it runs. */
export class CannotImport extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** Gathers notes; each is told once. */
export class ImportNotes {
  readonly #notes = new Map<string, ImportNote>();

  add(line: number, message: string): void {
    this.#notes.set(`${line} ${message}`, { line, message });
  }

  get all(): readonly ImportNote[] {
    return [...this.#notes.values()].toSorted((one, other) => one.line - other.line);
  }
}
