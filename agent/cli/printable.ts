/**
 * SECURITY: names of hosts and programs come from others and reach a terminal, which obeys escape sequences. Control characters are
 * shown as what they are (`\x1b`), and so are the marks that turn the direction of text around.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, escapeCharacter);
}

/** The same for text of several lines, whose line ends are meant. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}
