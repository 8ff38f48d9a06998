import type { Clock } from "../base/index.ts";
import type { PeerOf } from "../control/index.ts";

/** Where text goes. */
export interface CliOutput {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Width of the terminal; `undefined` when it is none. */
  readonly columns: number | undefined;
}

/** What `portail run` was asked for. Paths are absolute. */
export interface RunOptions {
  readonly configPath: string | undefined;
  readonly stateDir: string | undefined;
  /** The tray application started it: secret and readiness travel on the inherited descriptor. */
  readonly supervised: boolean;
}

/** The world as the command line sees it. */
export interface CliIo {
  readonly stdout: CliOutput;
  readonly stderr: CliOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
  readonly uid: number | undefined;
  readonly version: string;
  readonly clock: Clock;
  /** Aborted by SIGINT: `--follow` and `--wait` end. */
  readonly signal: AbortSignal;
  readonly peerOf: PeerOf;
  /** The agent itself; resolves with the exit code when it has stopped. */
  readonly runAgent: (options: RunOptions) => Promise<number>;
}

/** Run one command. Never throws: what goes wrong is told on stderr and by the exit code (0 done, 1 does not hold, 2 wrong words, 3 no agent). */
export function main(argv: readonly string[], io: CliIo): Promise<number> {
  throw new Error(`${argv.join(" ")} ${io.version}`);
}
