import { spawn } from "node:child_process";

/** What a program said and how it ended. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string | Buffer;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Ended by force after this; a test never hangs on a program. */
  readonly timeoutMs?: number;
}

/** Run a program to its end. Never rejects: a program that cannot be started has code `null` and its reason in `stderr`. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env: { ...process.env, ...options.env }, cwd: options.cwd, stdio: ["pipe", "pipe", "pipe"] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const force = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs ?? 20_000);
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.stdin.on("error", ignoreClosedInput);
    child.stdin.end(options.input);
    child.once("error", (cause) => {
      clearTimeout(force);
      resolve({ code: null, stdout: "", stderr: cause.message });
    });
    child.once("close", (code) => {
      clearTimeout(force);
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
  });
}

/** A program may end without reading its input; how it ended is what counts. */
function ignoreClosedInput(): void {}
