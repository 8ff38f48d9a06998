import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
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
  restart(options?: DaemonOptions & { readonly hostKey?: "new" }): Promise<void>;
  /** What the server that runs now has said. */
  log(): string;
  close(): Promise<void>;
}

export interface DaemonOptions {
  readonly words?: readonly string[];
  /** The password of the user who runs the test, for this server alone. Needs root: sshd sees another `/etc/shadow` than everybody else. */
  readonly password?: string;
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
  let daemon = await startDaemon(at, port, {});
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
    restart: async ({ hostKey, ...how } = {}) => {
      await daemon.end();
      if (hostKey === "new") {
        fs.rmSync(at("host"));
        await makeKey("host");
      }
      daemon = await startDaemon(at, port, how);
    },
    log: () => daemon.log(),
    close: () => daemon.end(),
  };
}

interface Daemon {
  log(): string;
  /** With it the processes of its connections end. */
  end(): Promise<void>;
}

async function startDaemon(at: (name: string) => string, port: number, { words = [], password }: DaemonOptions): Promise<Daemon> {
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
  const before = password === undefined ? [] : [...withShadow, writeShadow(at("shadow"), password)];
  const [program, ...args] = [...before, "/usr/sbin/sshd", "-D", "-e", "-f", at("sshd_config")];
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => said.push(chunk));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await eventually(() => {
    if (!said.join("").includes("Server listening")) throw new Error(`sshd does not listen: ${said.join("")}`);
  });
  const end = async (): Promise<void> => {
    const connections = childrenOf(child.pid ?? 0);
    child.kill("SIGTERM");
    await ended;
    for (const pid of connections) endProcess(pid);
    child.stderr.destroy();
  };
  return { log: () => said.join(""), end };
}

/** A mount namespace of its own; the file is the first argument, the program the rest. */
const withShadow = ["unshare", "--mount", "sh", "-c", 'mount --bind "$1" /etc/shadow && shift && exec "$@"', "sh"];

/** shadow(5): only the user who runs the test. */
function writeShadow(file: string, password: string): string {
  const hash = execFileSync("openssl", ["passwd", "-6", "-stdin"], { input: password, encoding: "utf8" }).trim();
  fs.writeFileSync(file, `${os.userInfo().username}:${hash}:20000:0:99999:7:::\n`, { mode: 0o600 });
  return file;
}

/** sshd leaves the processes of its connections to themselves. */
function childrenOf(pid: number): number[] {
  const own = childrenFile(pid)
    .split(" ")
    .filter((word) => word !== "")
    .map(Number);
  return own.flatMap((child) => [child, ...childrenOf(child)]);
}

function childrenFile(pid: number): string {
  try {
    return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  } catch {
    // It ended while we looked.
    return "";
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ESRCH") throw cause;
  }
}
