import fs from "node:fs";
import path from "node:path";
import { connectionLike, expect, openConsole, run, test } from "../rig/index.ts";

const secret = "correct-horse-battery";
const inBase64 = Buffer.from(`person:${secret}`).toString("base64");

test("a password that a program sends appears in no log, argument, environment, record or answer of the agent", async ({ lab }) => {
  const heard: string[] = [];
  const origin = await lab.http((request, response) => {
    heard.push(JSON.stringify(request.rawHeaders));
    response.end("heard");
  });
  const policy = `portail policy 1\npolicy all { allow log full }\n`;
  const agent = await lab.agent({ policy });
  const at = agent.address();
  const url = `http://person:${secret}@127.0.0.1:${origin.port}/${"way"}?token=${secret}`;
  for (const proxy of [`http://person:${secret}@${at}`, `socks5h://person:${secret}@${at}`]) {
    expect(await run("curl", ["-s", "-x", proxy, "-H", `X-Token: ${secret}`, url])).toMatchObject({ code: 0, stdout: "heard" });
  }
  // What is for the origin reaches it; what was for the proxy does not.
  expect(heard.join()).toContain("X-Token");
  expect(heard.join()).not.toContain("Proxy-Authorization");
  const denied = await run("curl", [
    "-s",
    "-x",
    `http://person:${secret}@${at}`,
    `http://person:${secret}@no.such.name.invalid/?${secret}`,
  ]);
  await connectionLike(agent, { host: "no.such.name.invalid" });
  await openConsole(agent);

  const answers = await Promise.all(
    [["status"], ["connections"], ["audit"], ["policy", "show"], ["config", "show"]].map(
      async (words) => (await agent.portail([...words, "--json"])).stdout,
    ),
  );
  const proc = `/proc/${agent.pid}`;
  const places = {
    log: agent.log(),
    arguments: fs.readFileSync(`${proc}/cmdline`, "utf8"),
    environment: fs.readFileSync(`${proc}/environ`, "utf8"),
    answers: answers.join("\n"),
    page: denied.stdout,
    ...filesUnder(agent.stateDir),
  };
  expect(answers.join()).toContain("127.0.0.1");
  for (const [place, text] of Object.entries(places)) {
    for (const word of [secret, inBase64]) expect(text.includes(word), `${word} in ${place}`).toBe(false);
  }
});

function filesUnder(dir: string): Record<string, string> {
  const files = fs.readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => path.join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((file) => [file, fs.readFileSync(file, "latin1")]));
}
