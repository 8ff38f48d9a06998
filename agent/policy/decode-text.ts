import type { Span } from "./expression/index.ts";

export interface DecodedText {
  readonly text: string;
  /** The first place that is no text. */
  readonly bad?: Span;
}

/** Bytes as UTF-8 without a byte order mark. What is no UTF-8 shows as U+FFFD, in bytes and in strings that were read carelessly. */
export function decodeText(content: string | Uint8Array): DecodedText {
  const text = typeof content === "string" ? content.replace(/^\uFEFF/, "") : new TextDecoder("utf-8").decode(content);
  const offset = firstBroken(text);
  return offset === undefined ? { text } : { text, bad: { offset, length: 1 } };
}

/** A replacement character, or half of a surrogate pair. */
function firstBroken(text: string): number | undefined {
  const replaced = text.indexOf("\uFFFD");
  if (replaced >= 0) return replaced;
  return text.isWellFormed() ? undefined : text.search(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/);
}
