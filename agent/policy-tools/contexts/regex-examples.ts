/**
 * Texts that a simple regular expression matches: each alternative once, each class by its first letter, `*` and `?` both without and
 * with what they repeat. What is not understood is left out; the engine decides later whether a text really matches.
 */
export function regexExamples(pattern: string, most = 6): readonly string[] {
  const reader = new ExampleReader(pattern, most);
  return reader.alternatives();
}

class ExampleReader {
  readonly #pattern: string;
  readonly #most: number;
  #at = 0;

  constructor(pattern: string, most: number) {
    this.#pattern = pattern;
    this.#most = most;
  }

  alternatives(): readonly string[] {
    const found = new Set<string>(this.#sequence());
    while (this.#peek() === "|") {
      this.#at += 1;
      for (const text of this.#sequence()) if (found.size < this.#most) found.add(text);
    }
    return [...found];
  }

  #sequence(): readonly string[] {
    let texts: readonly string[] = [""];
    while (this.#at < this.#pattern.length && this.#peek() !== "|" && this.#peek() !== ")") {
      const parts = this.#repeated(this.#atom());
      texts = texts.flatMap((text) => parts.map((part) => text + part)).slice(0, this.#most);
    }
    return texts;
  }

  #repeated(parts: readonly string[]): readonly string[] {
    const rest = this.#pattern.slice(this.#at);
    const mark = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(rest)?.[0];
    if (mark === undefined) return parts;
    this.#at += mark.length;
    if (mark.startsWith("*") || mark.startsWith("?")) return ["", ...parts.slice(0, 1)];
    const count = mark.startsWith("{") ? Math.min(Number(/\d+/.exec(mark)?.[0]), 64) : 1;
    return parts.map((part) => part.repeat(count));
  }

  #atom(): readonly string[] {
    const letter = this.#take();
    if (letter === "(") return this.#group();
    if (letter === "[") return [this.#class()];
    if (letter === "\\") return [escapeExample(this.#take())];
    if (letter === ".") return ["x"];
    return letter === "^" || letter === "$" ? [""] : [letter];
  }

  #group(): readonly string[] {
    const opening = /^\?(?:P?<[^>]*>|[a-z-]*:|[a-z-]+(?=\)))/.exec(this.#pattern.slice(this.#at))?.[0] ?? "";
    this.#at += opening.length;
    const texts = this.alternatives();
    if (this.#peek() === ")") this.#at += 1;
    return texts;
  }

  #class(): string {
    const end = this.#pattern.indexOf("]", this.#at + 1);
    const body = this.#pattern.slice(this.#at, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#pattern.length : end + 1;
    if (body.startsWith("^")) return body.includes("x") ? "0" : "x";
    return body.startsWith("\\") ? escapeExample(body.charAt(1)) : body.charAt(0);
  }

  #peek(): string {
    return this.#pattern.charAt(this.#at);
  }

  #take(): string {
    const letter = this.#peek();
    this.#at += 1;
    return letter;
  }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["d", "1"],
  ["w", "w"],
  ["s", " "],
  ["S", "x"],
  ["D", "x"],
  ["W", "-"],
  ["b", ""],
  ["A", ""],
  ["z", ""],
  ["n", "\n"],
  ["t", "\t"],
]);

function escapeExample(letter: string): string {
  return ESCAPES.get(letter) ?? letter;
}
