import { createPublicKey, X509Certificate } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { connectionLike, createAuthority, eventually, expect, makeToken, run, test } from "../rig/index.ts";
import { controlCall } from "../rig/control-call.ts";
import { sign } from "../rig/token-laptop.ts";

const pin = "314159-silver";
const policy = `portail policy 1\npolicy all { when not request.direct allow }\nroute out { use ["jump"] }\n`;

/** As a line of authorized_keys, by OpenSSH's own program. */
async function authorizedKey(dir: string, certificate: string): Promise<string> {
  const file = path.join(dir, "token-public.pem");
  fs.writeFileSync(
    file,
    createPublicKey(new X509Certificate(certificate).publicKey.export({ type: "spki", format: "pem" })).export({
      type: "spki",
      format: "pem",
    }),
  );
  const { stdout, stderr } = await run("ssh-keygen", ["-i", "-m", "PKCS8", "-f", file]);
  expect(stderr).toBe("");
  return stdout;
}

for (const algorithm of ["ec-p256", "rsa-2048"]) {
  test(`a key in SoftHSM (${algorithm}) logs in: its PIN is asked for once, and it never leaves the token`, async ({ lab }) => {
    const authority = createAuthority(lab.dir);
    const token = makeToken(lab.dir, pin);
    const server = await lab.sshd();
    const origin = await lab.http();
    const hosts = path.join(lab.dir, "known_hosts");
    fs.writeFileSync(hosts, server.knownHost());
    const user = process.env["USER"] ?? "root";
    const config =
      `listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\n` +
      `backends:\n  jump: { kind: ssh, address: "127.0.0.1:${server.port}", username: ${user}, known_hosts: "${hosts}", identity: laptop }\n` +
      `identities:\n  laptop: { kind: pkcs11, module: ${token.modulePath}, uri: "pkcs11:token=${token.label}" }\n`;
    const agent = await lab.agent({ config, policy });
    expect(agent.status.backends.find(({ name }) => name === "jump")).toMatchObject({ identity: "laptop" });
    const request = await agent.portail(["identity", "enroll", "laptop", "--algorithm", algorithm], { input: `${pin}\n` });
    expect(request.code, request.stderr).toBe(0);
    const certificate = sign(authority, request.stdout);
    expect(await agent.portail(["identity", "import", "laptop", certificate])).toMatchObject({ code: 0 });
    server.authorize(await authorizedKey(lab.dir, fs.readFileSync(certificate, "utf8")));
    await agent.portail(["identity", "forget"]);

    const url = origin.url;
    const curls = Array.from({ length: 5 }, () => run("curl", ["-sS", "--max-time", "30", "-x", `socks5h://${agent.address()}`, url]));
    const asked = await eventually(async () => {
      const { questions } = await controlCall<{ questions: { id: string }[] }>(agent, "identity.questions", {});
      const [one] = questions;
      if (one === undefined) throw new Error("nothing is asked");
      expect(questions).toHaveLength(1);
      return one;
    });
    await controlCall(agent, "identity.answer", { id: asked.id, pin });
    for (const got of await Promise.all(curls)) expect(got).toMatchObject({ code: 0, stdout: "hello from the origin\n" });
    await connectionLike(agent, { backend: "jump", end: "served" });
    for (const text of [agent.log(), fs.readFileSync(`/proc/${agent.pid}/environ`, "latin1")]) expect(text).not.toContain(pin);
  });
}
