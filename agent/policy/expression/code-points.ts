const SURROGATE = /[\ud800-\udfff]/;

/** A text without surrogates has one UTF-16 unit for each character, and most texts are such. */
function isPlain(text: string): boolean {
  return !SURROGATE.test(text);
}

export function codePoints(text: string): string[] {
  return isPlain(text) ? text.split("") : Array.from(text);
}

/** Characters, not UTF-16 units. */
export function textLength(text: string): number {
  return isPlain(text) ? text.length : Array.from(text).length;
}

/** From one character to another, counted as `textLength` counts. */
export function sliceText(text: string, start: number, end: number): string {
  return isPlain(text) ? text.slice(start, end) : Array.from(text).slice(start, end).join("");
}

/** Negative, zero or positive, by code point. UTF-16 units order surrogates before U+E000…U+FFFF, which is wrong. */
export function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  if (isPlain(one) && isPlain(other)) return one < other ? -1 : 1;
  const [left, right] = [Array.from(one), Array.from(other)];
  for (const [place, letter] of left.entries()) {
    const opposite = right[place];
    if (opposite === undefined) return 1;
    if (letter !== opposite) return (letter.codePointAt(0) ?? 0) - (opposite.codePointAt(0) ?? 0);
  }
  return left.length - right.length;
}
