import type { Span } from "./problem.ts";

/**
 * One word of a policy text. The expression parser and the block parser read the same tokens.
 *
 * | kind     | example            | value                      |
 * | -------- | ------------------ | -------------------------- |
 * | word     | `request`, `and`   |                            |
 * | int      | `80`, `0x1f`       | number                     |
 * | double   | `1.5`, `2e3`       | number                     |
 * | duration | `15m`, `1h30m`     | number, milliseconds       |
 * | string   | `"a"`, `r'\d'`     | string, escapes resolved   |
 * | quoted   | `` `content-type` `` | string, a field name      |
 * | regex    | `/^a+$/`           | string, the pattern        |
 * | mark     | `(`, `=~`, `??`    |                            |
 * | bad      | `12x`, `"open`     | string, what is wrong      |
 * | end      |                    |                            |
 */
export type Token = Span & { readonly text: string } & (
    | { readonly kind: "word" | "mark" | "end" }
    | { readonly kind: "int" | "double" | "duration"; readonly value: number }
    | { readonly kind: "string" | "quoted" | "regex" | "bad"; readonly value: string }
  );

export interface Comment extends Span {
  /** With its `#` or `//`, without the line's end. */
  readonly text: string;
}

/** A token as a person would name it in a sentence. */
export function describeToken(token: Token): string {
  if (token.kind === "end") return "the end of the text";
  return token.text.length > 40 ? `'${token.text.slice(0, 40)}…'` : `'${token.text}'`;
}
