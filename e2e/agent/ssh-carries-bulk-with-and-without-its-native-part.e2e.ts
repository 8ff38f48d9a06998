import { createHash, randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { expect, type Lab, openTunnel, test } from "../rig/index.ts";
import { portailPath, root } from "../rig/agent.ts";

const user = process.env["USER"] ?? "root";
const policy = `portail policy 1\npolicy all { when true allow }\nroute out { use ["jump"] }\n`;
const sum = (text: string) => createHash("sha256").update(text).digest("hex");

for (const isNative of [true, false])
  for (const cipher of ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes256-ctr"])
    test(`${cipher} ${isNative ? "with" : "without"} the native part: bulk in both directions at once, and new keys meanwhile`, async ({
      lab,
    }) => {
      const server = await lab.sshd();
      await server.restart({ words: [`Ciphers ${cipher}`, "RekeyLimit 2M"] });
      const echo = await lab.tcp();
      const hosts = path.join(lab.dir, "known_hosts");
      fs.writeFileSync(hosts, server.knownHost());
      const agent = await lab.agent({
        policy,
        program: isNative ? portailPath : withoutNativeGcm(lab),
        config: `listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }
backends:
  jump: { kind: ssh, address: "127.0.0.1:${server.port}", username: ${user}, known_hosts: "${hosts}", key: "${server.personKey}" }
`,
      });
      const text = randomBytes(8_000_000).toString("hex");
      const tunnel = await openTunnel(agent.port(), { port: echo.port });
      tunnel.write(text);
      tunnel.end();
      expect(sum(await tunnel.read(text.length))).toBe(sum(text));
      expect(fs.readFileSync(`/proc/${agent.pid}/maps`, "utf8").includes("ssh-gcm.node")).toBe(isNative);
    });

/** The product as it is where no compiler was. */
function withoutNativeGcm(lab: Lab): string {
  const product = path.join(lab.dir, "product");
  fs.cpSync(path.dirname(portailPath), path.join(product, "out"), {
    recursive: true,
    filter: (file) => !file.endsWith("ssh-gcm.node") && !file.endsWith(".map"),
  });
  fs.symlinkSync(path.join(root, "node_modules"), path.join(product, "node_modules"));
  return path.join(product, "out/portail");
}
