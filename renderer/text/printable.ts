/**
 * Characters that could make one text look like another: controls, and those that turn the direction of writing or take no room.
 * SECURITY: names come from programs and from the network; on a screen that decides about trust they must look like what they are.
 */
const deceptive = /[\p{Cc}\u061C\u200B-\u200F\u2028-\u202F\u2060-\u206F\uFEFF\uFFF9-\uFFFB]/gu;

/** The same text with every deceptive character written as its code point. */
export function formatPrintable(text: string): string {
  return text.replace(
    deceptive,
    (character) => `\u27E8${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}\u27E9`,
  );
}

/** The same for text of several lines: line ends and tabs stay. */
export function formatPrintableLines(text: string): string {
  return text
    .split(/(\r?\n|\t)/)
    .map((part, index) => (index % 2 === 1 ? part : formatPrintable(part)))
    .join("");
}
