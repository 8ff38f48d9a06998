import type { Span } from "../../policy/index.ts";

/** One small wrong turn of a policy's text. */
export interface Mutation extends Span {
  readonly replacement: string;
  /** What was done, for people: `8h -> 8h1ms`, `without require 'member'`. */
  readonly says: string;
}

export function applyMutation(text: string, { offset, length, replacement }: Mutation): string {
  return text.slice(0, offset) + replacement + text.slice(offset + length);
}
