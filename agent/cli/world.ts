import type { Clock } from "../base/index.ts";
import type { ControlClient } from "../control/index.ts";
import type { Paint } from "./paint.ts";
import type { RunOptions } from "./main.ts";

/** What a command may use; everything else about the process stays outside. */
export interface World {
  readonly version: string;
  readonly clock: Clock;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly paint: Paint;
  /** Of the terminal; `undefined`: as wide as it takes. */
  readonly width: number | undefined;
  readonly isTerminal: boolean;
  /** Where the agent of this command keeps its state. */
  stateDirOf(): Promise<string>;
  /** Standard input, for commands that talk with another program. */
  readonly input: AsyncIterable<Uint8Array>;
  /** A line from the person that no screen shows. Undefined: no. */
  readSecret(question: string): Promise<string | undefined>;
  /** Text on stdout as it is, for commands that talk with another program. */
  write(text: string): void;
  /** One or more lines on stdout. */
  print(text: string): void;
  printJson(value: unknown): void;
  /** A remark for people, on stderr. */
  remark(text: string): void;
  /** A greeted connection to the running agent, closed when the command ends. Rejects `AGENT_UNREACHABLE`. */
  connect(): Promise<ControlClient>;
  readonly runAgent: (options: RunOptions) => Promise<number>;
}
