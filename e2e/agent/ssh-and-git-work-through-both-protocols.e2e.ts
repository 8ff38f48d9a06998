import fs from "node:fs";
import path from "node:path";
import { type Agent, connectionLike, expect, gitOverHttp, type Lab, run, test } from "../rig/index.ts";

/** How OpenBSD's nc, the usual ProxyCommand of ssh, speaks to a proxy. */
const ways = [
  { name: "SOCKS5", nc: "5", protocol: "socks5", httpProxy: (at: string) => `socks5h://${at}` },
  { name: "HTTP CONNECT", nc: "connect", protocol: "http", httpProxy: (at: string) => `http://${at}` },
];

for (const { name, nc, protocol, httpProxy } of ways) {
  test(`ssh reaches a server through ${name}`, async ({ lab }) => {
    const [sshd, agent] = await Promise.all([lab.sshd(), lab.agent()]);
    const ssh = await run("ssh", [...sshd.login, "-p", String(sshd.port), "-o", proxyCommand(nc, agent), "127.0.0.1", "cat; echo done"], {
      input: "over the tunnel\n",
    });
    expect(ssh).toMatchObject({ code: 0, stdout: "over the tunnel\ndone\n" });
    const connection = await connectionLike(agent, { protocol, host: "127.0.0.1", port: sshd.port, end: "served" });
    expect(connection.program).toMatch(/\/nc(\.openbsd)?$/);
    expect(connection.rule).toMatchObject({ kind: "policy", name: "own-traffic" });
    // The key exchange alone is more than a kilobyte each way.
    expect(connection.up).toBeGreaterThan(1000);
    expect(connection.down).toBeGreaterThan(1000);
  });

  test(`git clones and pushes over ssh through ${name}`, async ({ lab }) => {
    const [sshd, agent] = await Promise.all([lab.sshd(), lab.agent()]);
    const remote = await createRepository(lab);
    const command = ["ssh", ...sshd.login, "-p", String(sshd.port), "-o", `'${proxyCommand(nc, agent)}'`].join(" ");
    await cloneAndPush(lab, `ssh://127.0.0.1${remote}`, { GIT_SSH_COMMAND: command });
    expect(await headOf(remote)).toBe("a change from far away");
    const connection = await connectionLike(agent, { protocol, port: sshd.port, end: "served" });
    expect(connection.program).toMatch(/\/nc(\.openbsd)?$/);
  });

  test(`git clones and pushes over HTTP through ${name}`, async ({ lab }) => {
    const remote = await createRepository(lab);
    const origin = await lab.http(gitOverHttp(path.dirname(remote)));
    const agent = await lab.agent();
    const proxied = { ALL_PROXY: httpProxy(agent.address()), NO_PROXY: "" };
    await cloneAndPush(lab, `http://127.0.0.1:${origin.port}/${path.basename(remote)}`, proxied);
    expect(await headOf(remote)).toBe("a change from far away");
    const connection = await connectionLike(agent, { protocol, port: origin.port, end: "served" });
    expect(connection.program).toMatch(/\/git-remote-http$/);
    expect(connection.outcome).toBe("allow");
  });
}

function proxyCommand(nc: string, agent: Agent): string {
  return `ProxyCommand=nc.openbsd -X ${nc} -x ${agent.address()} %h %p`;
}

const ownConfig = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  GIT_AUTHOR_NAME: "A",
  GIT_AUTHOR_EMAIL: "a@example.test",
  GIT_COMMITTER_NAME: "A",
  GIT_COMMITTER_EMAIL: "a@example.test",
};

async function git(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const ran = await run("git", args, { env: { ...ownConfig, ...env } });
  if (ran.code !== 0) throw new Error(`git ${args.join(" ")} ended with ${ran.code}: ${ran.stderr}`);
  return ran.stdout.trim();
}

/** A bare repository with one commit, of a size that takes more than one packet. */
async function createRepository(lab: Lab): Promise<string> {
  const work = fs.mkdtempSync(path.join(lab.dir, "origin-"));
  const bare = path.join(work, "project.git");
  const first = path.join(work, "first");
  await git(["init", "-q", "-b", "main", first]);
  fs.writeFileSync(path.join(first, "large"), Buffer.alloc(400_000, "line of text\n"));
  await git(["-C", first, "add", "."]);
  await git(["-C", first, "commit", "-q", "-m", "first"]);
  await git(["clone", "-q", "--bare", first, bare]);
  await git(["-C", bare, "config", "http.receivepack", "true"]);
  return bare;
}

async function cloneAndPush(lab: Lab, url: string, env: NodeJS.ProcessEnv): Promise<void> {
  const clone = path.join(fs.mkdtempSync(path.join(lab.dir, "clone-")), "project");
  await git(["clone", "-q", url, clone], env);
  expect(fs.statSync(path.join(clone, "large")).size).toBe(400_000);
  await git(["-C", clone, "commit", "-q", "--allow-empty", "-m", "a change from far away"]);
  await git(["-C", clone, "push", "-q", "origin", "main"], env);
}

function headOf(bare: string): Promise<string> {
  return git(["-C", bare, "log", "-1", "--format=%s", "main"]);
}
