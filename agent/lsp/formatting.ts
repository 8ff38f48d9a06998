import { formatPolicy } from "../policy-tools/index.ts";
import type { PolicyView } from "./policy-view.ts";
import type { TextEdit } from "./protocol.ts";

/** The edit that gives a text its one layout; none for a text that has it, or that cannot be read. */
export function formattingEdits(view: PolicyView): readonly TextEdit[] {
  if (view.isTooLong) return [];
  const formatted = formatPolicy(view.text);
  if (formatted.kind === "refused" || formatted.text === view.text) return [];
  return [smallestEdit(view, formatted.text)];
}

/** What is the same at both ends stays, so that the editor's marks in it stay where they are. */
function smallestEdit({ text, lines }: PolicyView, formatted: string): TextEdit {
  const shorter = Math.min(text.length, formatted.length);
  let head = 0;
  while (head < shorter && text[head] === formatted[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && text.at(-1 - tail) === formatted.at(-1 - tail)) tail += 1;
  // Neither end may lie inside a pair: half a character, or half a line's end, has no place in the protocol.
  while (head > 0 && isPair(text, head)) head -= 1;
  while (tail > 0 && isPair(text, text.length - tail)) tail -= 1;
  const at = { offset: head, length: text.length - tail - head };
  return { range: lines.rangeOf(at), newText: formatted.slice(head, formatted.length - tail) };
}

function isPair(text: string, at: number): boolean {
  return /^(?:\r\n|[\uD800-\uDBFF][\uDC00-\uDFFF])$/.test(text.slice(at - 1, at + 1));
}
