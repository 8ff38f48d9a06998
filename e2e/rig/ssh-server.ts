import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { run } from "./run.ts";

/** A real sshd of the test's own, for the user who runs the test. */
export interface SshServer {
  readonly dir: string;
  readonly port: number;
  /** Arguments of `ssh` that log in without asking anything. */
  readonly login: readonly string[];
  /** A private key that is let in, OpenSSH's own format. */
  readonly personKey: string;
  /** The line of a known_hosts file that knows the server, as `ssh-keyscan` would write it. */
  knownHost(): string;
  /** Let one more key in, as a line of authorized_keys. */
  authorize(line: string): void;
  /** Ends the server and every connection that it carries, and starts it again on the same port; `words` are lines of its configuration. */
  restart(options?: { readonly hostKey?: "new"; readonly words?: readonly string[] }): Promise<void>;
  close(): Promise<void>;
}

export async function startSshServer(dir: string): Promise<SshServer> {
  const at = (name: string) => path.join(dir, name);
  const makeKey = (name: string) => run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at(name)]);
  await makeKey("host");
  await makeKey("person");
  fs.copyFileSync(at("person.pub"), at("authorized"));
  // sshd takes no port 0 and tells nobody which port it got.
  const port = await freePort();
  if (process.getuid?.() === 0) fs.mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  let end = await startDaemon(at, port, []);
  const options = [
    "StrictHostKeyChecking=no",
    `UserKnownHostsFile=${at("known")}`,
    "BatchMode=yes",
    "IdentitiesOnly=yes",
    "LogLevel=ERROR",
  ];
  return {
    dir,
    port,
    login: ["-F", "/dev/null", "-i", at("person"), ...options.flatMap((option) => ["-o", option])],
    personKey: at("person"),
    knownHost: () => `[127.0.0.1]:${port} ${fs.readFileSync(at("host.pub"), "utf8")}`,
    authorize: (line) => fs.appendFileSync(at("authorized"), `${line.trim()}\n`),
    restart: async ({ hostKey, words = [] } = {}) => {
      await end();
      if (hostKey === "new") {
        fs.rmSync(at("host"));
        await makeKey("host");
      }
      end = await startDaemon(at, port, words);
    },
    close: () => end(),
  };
}

/** What it returns ends the server, and with it the processes of its connections. */
async function startDaemon(at: (name: string) => string, port: number, words: readonly string[]): Promise<() => Promise<void>> {
  // A root that runs tests may have a locked password, which sshd refuses only when it asks PAM; and /tmp is everybody's, hence no StrictModes.
  fs.writeFileSync(
    at("sshd_config"),
    [
      ...words,
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${at("host")}`,
      `AuthorizedKeysFile ${at("authorized")}`,
      `PidFile ${at("sshd.pid")}`,
      "UsePAM no",
      "StrictModes no",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "PermitRootLogin yes",
    ].join("\n"),
  );
  const said: string[] = [];
  const child = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", at("sshd_config")], { stdio: ["ignore", "ignore", "pipe"] });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => said.push(chunk));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await eventually(() => {
    if (!said.join("").includes("Server listening")) throw new Error(`sshd does not listen: ${said.join("")}`);
  });
  return async () => {
    const connections = childrenOf(child.pid ?? 0);
    child.kill("SIGTERM");
    await ended;
    for (const pid of connections) endProcess(pid);
    child.stderr.destroy();
  };
}

/** sshd leaves the processes of its connections to themselves. */
function childrenOf(pid: number): number[] {
  const own = fs
    .readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .split(" ")
    .filter((word) => word !== "")
    .map(Number);
  return own.flatMap((child) => [child, ...childrenOf(child)]);
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ESRCH") throw cause;
  }
}
