import { spawn } from "node:child_process";
import { portailPath } from "../rig/agent.ts";
import { type Agent, enrolledLaptop, eventually, expect, type Ran, run, test } from "../rig/index.ts";

const pin = "161803-golden";

const curl = (agent: Agent, url: string): Promise<Ran> =>
  run("curl", ["-sS", "--max-time", "40", "-x", `socks5h://${agent.address()}`, url]);

/** The status says that somebody is waited for. */
const untilAsked = (agent: Agent) =>
  eventually(async () => {
    const { stdout } = await agent.portail(["status"]);
    if (!stdout.includes("PIN of portail for identity laptop")) throw new Error(`nothing is asked: ${stdout}`);
    return stdout;
  });

test("a connection that waits for a PIN is seen in the status and served after an answer from a terminal", async ({ lab }) => {
  const origin = await lab.http();
  const { near } = await enrolledLaptop(lab, pin);
  const nothing = await near.portail(["identity", "unlock"]);
  expect(nothing).toMatchObject({ code: 0, stdout: "" });
  expect(nothing.stderr).toContain("Nothing is asked right now");

  const waiting = curl(near, origin.url);
  expect(await untilAsked(near)).toContain("answer with: portail identity unlock");
  const answered = await near.portail(["identity", "unlock"], { input: `${pin}\n` });
  expect(answered.code).toBe(0);
  expect(answered.stderr).toContain("PIN of portail for identity laptop:");
  expect(await waiting).toMatchObject({ code: 0, stdout: "hello from the origin\n" });
  expect((await near.portail(["status"])).stdout).not.toContain("PIN of");
});

/** As a person at a terminal: each line is typed when it is asked for. Resolves with the exit code and all that was said. */
async function typing(agent: Agent, words: readonly string[], lines: readonly string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(portailPath, [...words, "--state-dir", agent.stateDir], { stdio: ["pipe", "ignore", "pipe"] });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const questions = [...lines];
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    said += chunk;
    if (said.endsWith(": ")) child.stdin.write(`${questions.shift() ?? ""}\n`);
  });
  return { code: await ended, said };
}

test("the last try is used when the PIN is typed the same twice, and not when it is not", async ({ lab }) => {
  const { near, token, forget } = await enrolledLaptop(lab, pin);
  const unlock = ["identity", "unlock", "laptop"];
  token.set("tries", "1");
  const slip = await typing(near, unlock, [pin, `${pin}x`]);
  expect(slip.code).toBe(1);
  expect(slip.said).toContain("That was not the same twice; nothing was tried.");
  expect(token.triesLeft()).toBe("1");
  // A "no" is remembered for some seconds, unless one logs out.
  await forget();
  const sure = await typing(near, unlock, [pin, pin]);
  expect(sure.said).toContain("laptop: pkcs11, ready");
  expect(sure.code).toBe(0);
  expect(token.triesLeft()).toBe("3");
});
