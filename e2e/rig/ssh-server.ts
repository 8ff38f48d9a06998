import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { eventually } from "./eventually.ts";
import { run } from "./run.ts";

/** A real sshd of the test's own, for the user who runs the test. */
export interface SshServer {
  readonly port: number;
  /** Arguments of `ssh` that log in without asking anything. */
  readonly login: readonly string[];
  close(): Promise<void>;
}

export async function startSshServer(dir: string): Promise<SshServer> {
  const at = (name: string) => path.join(dir, name);
  for (const name of ["host", "person"]) await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at(name)]);
  fs.copyFileSync(at("person.pub"), at("authorized"));
  const port = await freePort();
  // A root that runs tests may have a locked password, which sshd refuses only when it asks PAM; and /tmp is everybody's, hence no StrictModes.
  fs.writeFileSync(
    at("sshd_config"),
    [
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
  if (process.getuid?.() === 0) fs.mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const said: string[] = [];
  const child = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", at("sshd_config")], { stdio: ["ignore", "ignore", "pipe"] });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => said.push(chunk));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await eventually(() => {
    if (!said.join("").includes("Server listening")) throw new Error(`sshd does not listen: ${said.join("")}`);
  });
  const options = [
    "StrictHostKeyChecking=no",
    `UserKnownHostsFile=${at("known")}`,
    "BatchMode=yes",
    "IdentitiesOnly=yes",
    "LogLevel=ERROR",
  ];
  return {
    port,
    login: ["-F", "/dev/null", "-i", at("person"), ...options.flatMap((option) => ["-o", option])],
    close: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** sshd takes no port 0 and tells nobody which port it got. */
async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
