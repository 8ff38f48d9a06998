/** One stream through an SSH server: Portail beside OpenSSH's own client, through the same sshd, with the same cipher. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { stream } from "./measuring.mjs";
import { freePort } from "./processes.mjs";
import { portail, written } from "./subject-files.mjs";
import { streamFigures } from "./table-figures.mjs";

const cipher = "aes128-gcm@openssh.com";

async function prepareSshd(folder) {
  const at = (name) => path.join(folder, name);
  for (const name of ["host", "person"]) execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at(name)]);
  const sshd = await freePort();
  const known = written(folder, "known_hosts", `[127.0.0.1]:${sshd} ${fs.readFileSync(at("host.pub"), "utf8")}`);
  if (process.getuid?.() === 0) fs.mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const config = written(
    folder,
    "sshd_config",
    [
      `ListenAddress 127.0.0.1:${sshd}`,
      `HostKey ${at("host")}`,
      `AuthorizedKeysFile ${at("person.pub")}`,
      `PidFile ${at("sshd.pid")}`,
      "UsePAM no",
      "StrictModes no",
      "PermitRootLogin yes",
    ].join("\n"),
  );
  return {
    serve: ["serve"],
    sshd,
    known,
    key: at("person"),
    beside: [{ words: ["/usr/sbin/sshd", "-D", "-e", "-f", config], port: sshd }],
  };
}

/** `-D` is its SOCKS server; `-W` carries the same bytes for one destination. */
const openssh = ({ port, sshd, known, key }) =>
  [
    ["ssh", "-F", "/dev/null", "-N", "-i", key, "-c", cipher, "-p", String(sshd), "-D", `127.0.0.1:${port}`],
    ["-o", `UserKnownHostsFile=${known}`, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", `${os.userInfo().username}@127.0.0.1`],
  ].flat();

function portailThroughSsh({ port, folder, sshd, known, key }) {
  written(folder, "all.portail", 'portail policy 1\npolicy all { when true allow }\nroute far { use ["jump"] }\n');
  return portail(
    folder,
    `listeners: { local: { kind: proxy, listen: "127.0.0.1:${port}" } }
policy: all.portail
backends:
  jump: { kind: ssh, address: "127.0.0.1:${sshd}", username: ${os.userInfo().username}, known_hosts: "${known}", key: "${key}" }
`,
  );
}

const goals = [{ of: "openssh", lower: 0.7 }];

export const sshSuite = {
  name: "ssh",
  title: "Through an SSH server",
  words: `One stream through one sshd by SOCKS5, with ${cipher}: Portail with a backend of kind \`ssh\`, and \`ssh -D\`. sshd has a process of its own for each.`,
  base: "openssh",
  always: [],
  prepare: prepareSshd,
  subjects: {
    openssh: { title: "ssh -D", via: "socks5", command: openssh },
    portail: { title: "Portail", via: "socks5", command: portailThroughSsh },
  },
  measures: [
    { name: "ssh-up", run: stream(1, "up"), warm: true, figures: streamFigures("one stream up", goals, []) },
    { name: "ssh-down", run: stream(1, "down"), warm: true, figures: streamFigures("one stream down", goals, []) },
  ],
};
