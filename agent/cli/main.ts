import type { Clock } from "../base/index.ts";
import type { PeerOf } from "../control/index.ts";
import { commands } from "./commands.ts";
import { formatHelp } from "./help.ts";
import { createPaint } from "./paint.ts";
import { parseArgv } from "./parse-argv.ts";
import { printable, printableLines } from "./printable.ts";
import { UsageMistake } from "./usage-mistake.ts";
import type { Words } from "./words.ts";
import type { World } from "./world.ts";

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
  /** What stands or comes on standard input; opened when it is first read, ended by SIGINT. */
  readonly stdin: AsyncIterable<Uint8Array>;
  /** A line from the person that no screen shows; from standard input when there is no terminal. Undefined: no. */
  readonly readSecret?: (question: string) => Promise<string | undefined>;
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
export async function main(argv: readonly string[], io: CliIo): Promise<number> {
  const ends: (() => void)[] = [];
  try {
    const parsed = parseArgv(argv, commands);
    if (parsed.kind === "help") {
      io.stdout.write(formatHelp(parsed.topic, commands, createPaint(io.stdout.isTTY, io.env)));
      return 0;
    }
    const action = await parsed.command.load();
    return await action(parsed.words, createWorld(io, parsed.words, ends));
  } catch (cause) {
    if (cause instanceof UsageMistake) return tellUsageMistake(cause, io, argv.includes("--json"));
    // Ctrl-C closed the channel under whatever was being asked; the person knows why.
    if (io.signal.aborted) return 1;
    const { tellFailure } = await import("./tell-failure.ts");
    return tellFailure(cause, { stderr: io.stderr, paint: createPaint(io.stderr.isTTY, io.env), asJson: argv.includes("--json") });
  } finally {
    for (const end of ends) end();
  }
}

/** As JSON it has the form of a failure without a code: nothing failed but the words. */
function tellUsageMistake(mistake: UsageMistake, io: CliIo, asJson: boolean): number {
  if (asJson) {
    io.stderr.write(`${JSON.stringify({ error: { sentence: mistake.message, remedy: mistake.hint } })}\n`);
    return 2;
  }
  const paint = createPaint(io.stderr.isTTY, io.env);
  const hint = mistake.hint === undefined ? "" : `  ${printable(mistake.hint)}\n`;
  io.stderr.write(`${paint.bad("portail:")} ${printable(mistake.message)}\n${hint}`);
  return 2;
}

function createWorld(io: CliIo, words: Words, ends: (() => void)[]): World {
  let stateDir: string | undefined;
  return {
    version: io.version,
    clock: io.clock,
    cwd: io.cwd,
    env: io.env,
    signal: io.signal,
    runAgent: io.runAgent,
    paint: createPaint(io.stdout.isTTY, io.env),
    width: io.stdout.isTTY ? (io.stdout.columns ?? 80) : undefined,
    isTerminal: io.stdout.isTTY,
    get input() {
      return io.stdin;
    },
    readSecret: (question) => io.readSecret?.(question) ?? Promise.resolve(undefined),
    write: (text) => io.stdout.write(text),
    print: (text) => io.stdout.write(`${text}\n`),
    printJson: (value) => io.stdout.write(`${JSON.stringify(value, null, io.stdout.isTTY ? 2 : undefined)}\n`),
    remark: (text) => io.stderr.write(`${printableLines(text)}\n`),
    stateDirOf: async () => (stateDir ??= await findStateDir(io, words)),
    async connect() {
      const { openAgent } = await import("./open-agent.ts");
      const client = await openAgent(io, words.value("state-dir"));
      ends.push(() => client.close());
      io.signal.addEventListener("abort", () => client.close(), { once: true });
      return client;
    },
  };
}

async function findStateDir(io: CliIo, words: Words): Promise<string> {
  const { placesFor } = await import("./open-agent.ts");
  return placesFor(io, words.value("state-dir")).stateDir;
}
