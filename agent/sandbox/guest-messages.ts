/** What a script may be, and how it is asked. */
export type ScriptKind =
  /** An ES module; its default export is called with the question, which was JSON. */
  | "module"
  /** A classic script; its value is the function that is called. */
  | "script";

/** To the process: the script comes with each question, because nothing is kept between two. */
export interface GuestQuestion {
  readonly id: number;
  readonly kind: ScriptKind;
  readonly text: string;
  /** JSON. */
  readonly input: string;
}

/** From the process. `said` is the JSON of what the script returned; `trouble` is why there is nothing. */
export interface GuestAnswer {
  readonly id: number;
  readonly said?: string;
  readonly trouble?: string;
}
