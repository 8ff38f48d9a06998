import type { TokenStream } from "./expression/index.ts";

/** Reads what follows a setting's word into the block; `undefined` is a mistake that is already noted. */
export type Setting<B> = (stream: TokenStream, block: B) => unknown;

/** A table of settings by their word. A map, because words come from a text: `constructor` is no setting. */
export function settings<B>(table: Readonly<Record<string, Setting<B>>>): ReadonlyMap<string, Setting<B>> {
  return new Map(Object.entries(table));
}

export interface SettingRules {
  /** What the settings belong to, for the sentence. */
  readonly of: string;
  /** Those that make sense here; absent: all. */
  readonly only?: readonly string[];
  /** Those that may be given several times. */
  readonly repeatable?: readonly string[];
}

/** Take settings in any order until something else comes; false after a mistake, which is noted. */
export function readSettings<B>(stream: TokenStream, table: ReadonlyMap<string, Setting<B>>, block: B, rules: SettingRules): boolean {
  const seen = new Set<string>();
  for (;;) {
    const word = stream.peek();
    const read = word.kind === "word" ? table.get(word.text) : undefined;
    if (read === undefined) return true;
    const mistake = judgeSetting(word.text, seen, rules);
    if (mistake !== undefined) {
      stream.fail(mistake);
      return false;
    }
    seen.add(word.text);
    stream.next();
    if (read(stream, block) === undefined) return false;
  }
}

function judgeSetting(word: string, seen: ReadonlySet<string>, rules: SettingRules): string | undefined {
  if (rules.only !== undefined && !rules.only.includes(word)) return `'${rules.of}' does not take '${word}', only ${rules.only.join(", ")}`;
  if (seen.has(word) && rules.repeatable?.includes(word) !== true) return `'${word}' is given twice`;
  return undefined;
}

/** Store a value that was read; passes a mistake on. */
export function take<T>(value: T | undefined, store: (value: T) => unknown): T | undefined {
  if (value !== undefined) store(value);
  return value;
}
