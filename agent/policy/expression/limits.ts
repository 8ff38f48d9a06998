/** The bounds within which every expression stays, so that no policy text can make the agent slow or deep. */
export const limits = {
  /** Brackets, calls and operators inside each other. */
  depth: 64,
  /** Parts of one `and` or `or`. */
  connected: 1_000,
  /** Characters of a number or duration. */
  numberLength: 64,
  /** Arguments of one call. */
  callArguments: 32,
  /** Entries of one list or map written in an expression; longer ones belong into a `set`. */
  literalEntries: 1_000,
  /** Characters of one regular expression. */
  regexLength: 1_000,
  /** Characters of one string literal. */
  stringLength: 10_000,
  /** Steps of one evaluation in the worst case, counted before the first one. */
  cost: 20_000,
  /** Entries that the cost bound assumes of a list or map whose length only the facts know. */
  assumedEntries: 64,
  /** Macros inside each other. */
  comprehensions: 2,
  /** Characters of a string that an evaluation may build; more is an evaluation error. */
  builtLength: 65_536,
  /** Entries of a list that an evaluation may build, or that a fact may have. */
  builtEntries: 1_024,
} as const;
