import type { RunOptions, Ran } from "./run.ts";
import { run } from "./run.ts";

/** Debian's `nobody`: a person of the machine who is not the one that runs the agent. */
const uid = 65_534;

/** Only root can become somebody else. */
export const canBeAnother = process.getuid?.() === 0;

/** Run a program as another user of this machine. */
export function runAsAnother(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return run("setpriv", [`--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", command, ...args], { cwd: "/", ...options });
}

export const anotherUid = uid;
