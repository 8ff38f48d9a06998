import type { CallName } from "../contract/index.ts";
import type { Words } from "./words.ts";
import type { World } from "./world.ts";

/** What a word after `--` means. */
export interface Flag {
  readonly name: string;
  /** What stands behind it in the manual, `FILE`; absent: it takes no value. */
  readonly value?: string;
  readonly says: string;
  readonly repeats?: true;
  readonly choices?: readonly string[];
  /** For other programs, not for people: works, but is in no help. */
  readonly hidden?: true;
}

/** A word without `--`. */
export interface Operand {
  readonly name: string;
  readonly says: string;
  readonly optional?: true;
  readonly repeats?: true;
  readonly choices?: readonly string[];
}

/** Does the work and says how it ended: see {@link ExitCode}. */
export type Action = (words: Words, world: World) => Promise<ExitCode>;

/** 0 done; 1 what was asked about does not hold; 2 the words or the file are wrong; 3 the agent cannot be reached. */
export type ExitCode = 0 | 1 | 2 | 3;

/** One row of the table from which parsing, help, completion and the manual derive. */
export interface Command {
  /** `["policy", "check"]` */
  readonly words: readonly [string, ...string[]];
  readonly says: string;
  /** Paragraphs for its own help page. */
  readonly more?: readonly string[];
  readonly operands?: readonly Operand[];
  readonly flags?: readonly Flag[];
  readonly examples?: readonly (readonly [command: string, says: string])[];
  /** The control calls that it makes: each call has a command, and a test says so. */
  readonly calls?: readonly CallName[];
  /** Read only when the command runs: starting must stay quick. */
  readonly load: () => Promise<Action>;
}
