import type { CliIo, CliOutput, RunOptions } from "../cli/index.ts";
import { createSocketOwners } from "../platform/index.ts";
import { readSecret } from "./read-secret.ts";
import { systemClock } from "./system-clock.ts";

/** The real world for the command line. The kernel is asked who serves a socket only when there is one. */
export function createCliIo(
  own: NodeJS.Process,
  { version, runAgent }: { readonly version: string; readonly runAgent: (options: RunOptions) => Promise<number> },
): CliIo {
  const interrupted = new AbortController();
  own.once("SIGINT", () => interrupted.abort());
  for (const stream of [own.stdout, own.stderr]) stream.on("error", () => own.exit(0));
  return {
    stdout: outputOf(own.stdout),
    stderr: outputOf(own.stderr),
    get stdin() {
      interrupted.signal.addEventListener("abort", () => own.stdin.destroy(), { once: true });
      return own.stdin;
    },
    readSecret: (question) => readSecret(question, own, interrupted.signal),
    env: own.env,
    cwd: own.cwd(),
    platform: own.platform,
    uid: own.getuid?.(),
    version,
    clock: systemClock,
    signal: interrupted.signal,
    peerOf: (socket) => {
      const owners = createSocketOwners();
      const owner = owners.peerOfUnixSocket(socket);
      owners.close();
      return owner.kind === "known" ? { uid: owner.uid, pid: owner.pid } : undefined;
    },
    runAgent,
  };
}

/** A reader that goes away early (`| head`) ends the command quietly. */
function outputOf(stream: NodeJS.WriteStream): CliOutput {
  return {
    write: (text) => void stream.write(text),
    isTTY: stream.isTTY,
    columns: stream.isTTY ? stream.columns : undefined,
  };
}
