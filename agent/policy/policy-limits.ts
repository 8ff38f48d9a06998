/** How large one policy may be. Everything larger is refused at once, with a place, instead of being read slowly. */
export const policyLimits = {
  /** UTF-16 units of the text. */
  textLength: 8 * 1024 * 1024,
  /** Blocks of all kinds. */
  items: 50_000,
  /** Lifelines: each is an opening that no rule can close. */
  lifelines: 16,
} as const;
