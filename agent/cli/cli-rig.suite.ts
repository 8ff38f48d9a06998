/** The command line for tests: words in, what it said and how it ended out. */
import { Readable } from "node:stream";
import type { Clock } from "../base/index.ts";
import { realClock } from "../control/channel-rig.suite.ts";
import { type CliIo, main, type RunOptions } from "./main.ts";

/** 2026-09-21 14:13:20 in UTC: tables show times against it. */
export const testNow = 1_790_000_000_000;

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly stateDir?: string;
  readonly columns?: number;
  readonly env?: CliIo["env"];
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  readonly runAgent?: (options: RunOptions) => Promise<number>;
  /** What comes on standard input; nothing by default. */
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** Told each time something is written. */
  readonly onWrite?: (stdout: string) => void;
}

const clock: Clock = { ...realClock, now: () => testNow };

export async function portail(argv: readonly string[], options: CliOptions = {}): Promise<Said> {
  let stdout = "";
  let stderr = "";
  const isTTY = options.columns !== undefined;
  const writeOut = (text: string) => {
    stdout += text;
    options.onWrite?.(stdout);
  };
  const code = await main(argv, {
    stdout: { write: writeOut, isTTY, columns: options.columns },
    stderr: { write: (text) => (stderr += text), isTTY: false, columns: undefined },
    stdin: options.stdin ?? Readable.from([]),
    env: { NO_COLOR: "1", PORTAIL_STATE_DIR: options.stateDir ?? "/nonexistent/portail", ...options.env },
    cwd: options.cwd ?? "/",
    platform: process.platform,
    uid: process.getuid?.(),
    version: "0.0.0-test",
    clock,
    signal: options.signal ?? new AbortController().signal,
    peerOf: () => undefined,
    runAgent: options.runAgent ?? (() => Promise.resolve(0)),
  });
  return { code, stdout, stderr };
}
