/**
 * Regular expressions so plain that the runtime's own matcher cannot backtrack on them: at most one unbounded repetition, of a single
 * character or class, and a handful of choices. For these a whole match takes time that grows with the length of the text alone, and
 * the native matcher is several times faster than RE2 in JavaScript. Everything else stays with RE2.
 *
 * INVARIANT: for every pattern that is accepted here both give the same answer on every text (linear-regex.prop.test.ts).
 */
export function linearMatcher(pattern: string): ((text: string) => boolean) | undefined {
  const reader = new PlainPattern(pattern);
  const source = reader.alternatives(0);
  if (source === undefined || !reader.isAtEnd || reader.repetitions > 1 || reader.choices > maxChoices) return undefined;
  // `u` counts characters as RE2 does, not halves of them.
  const native = new RegExp(`^(?:${source})$`, "u");
  return (text) => native.test(text);
}

/** Each choice may double the work for one text: 2^5 passes at most. */
const maxChoices = 5;
const maxDepth = 8;
/** Characters that mean themselves in both dialects, in and outside of classes. */
const plain = /[A-Za-z0-9 _\-/:@,;=<>~%&!"'#`]/;
const escapable = /[.\\+*?()|[\]{}^$/]/;
/** Classes of single characters and ranges, nothing that the dialects could read differently. */
const plainClass = /\[\^?(?:[A-Za-z0-9](?:-[A-Za-z0-9])?|[ _/:@,;.=])+-?\]/y;

/** Reads the common part of both dialects and writes it for the native one. `undefined`: not plain enough. */
class PlainPattern {
  repetitions = 0;
  choices = 0;
  private readonly pattern: string;
  private at = 0;

  constructor(pattern: string) {
    this.pattern = pattern;
  }

  get isAtEnd(): boolean {
    return this.at === this.pattern.length;
  }

  /** `a|b|c` up to a closing parenthesis or the end. */
  alternatives(depth: number): string | undefined {
    const found: string[] = [];
    do {
      const one = this.sequence(depth);
      if (one === undefined) return undefined;
      found.push(one);
    } while (this.accept("|"));
    this.choices += found.length - 1;
    return found.join("|");
  }

  private sequence(depth: number): string | undefined {
    let source = "";
    while (!this.isAtEnd && this.next !== "|" && this.next !== ")") {
      const isGroup = this.next === "(";
      const atom = isGroup ? this.group(depth) : this.character();
      const quantifier = atom === undefined ? undefined : this.quantifier(isGroup);
      if (quantifier === undefined) return undefined;
      source += `${atom}${quantifier}`;
    }
    return source;
  }

  private group(depth: number): string | undefined {
    this.at += this.pattern.startsWith("(?:", this.at) ? 3 : 1;
    if (depth >= maxDepth) return undefined;
    const inside = this.alternatives(depth + 1);
    return inside === undefined || !this.accept(")") ? undefined : `(?:${inside})`;
  }

  private character(): string | undefined {
    if (this.next === "[") return this.characterClass();
    const character = this.next;
    this.at += 1;
    if (character === ".") return "[^\\n]";
    if (character !== "\\") return plain.test(character) ? character : undefined;
    const escaped = this.next;
    this.at += 1;
    if (!escapable.test(escaped)) return undefined;
    return escaped === "/" ? "/" : `\\${escaped}`;
  }

  private characterClass(): string | undefined {
    plainClass.lastIndex = this.at;
    const [found] = plainClass.exec(this.pattern) ?? [];
    this.at += found?.length ?? 0;
    return found;
  }

  /** `undefined` when it repeats a group, counts, or is lazy. */
  private quantifier(ofGroup: boolean): string | undefined {
    const quantifier = /[?*+{]/.test(this.next) ? this.next : "";
    if (quantifier === "") return "";
    this.at += 1;
    if (quantifier === "{" || /[?*+{]/.test(this.next)) return undefined;
    if (quantifier === "?") this.choices += 1;
    else if (ofGroup) return undefined;
    else this.repetitions += 1;
    return quantifier;
  }

  private get next(): string {
    return this.pattern.charAt(this.at);
  }

  private accept(character: string): boolean {
    if (this.next !== character) return false;
    this.at += 1;
    return true;
  }
}
