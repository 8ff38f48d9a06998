import type { AuditRecord, Explanation } from "../../agent/contract/index.ts";
import { browse, connectionLike, expect, openConsole, run, test } from "../rig/index.ts";

const policy = `portail policy 1
guard browsers-only {
  when client.exe.endsWith("/curl")
  deny say "This service is for browsers." help "https://help.corp.example/browsers"
}
policy rest { allow }
`;

test("a rule that refuses curl lets chromium reach the same host, and all faces tell one story of the refusal", async ({ lab }) => {
  const origin = await lab.http((_, response) => response.setHeader("content-type", "text/html").end("<p>for browsers</p>"));
  const agent = await lab.agent({ policy });
  const proxy = `http://${agent.address()}`;

  const page = await browse(origin.url, { proxy, dir: lab.dir });
  expect(page.stdout).toContain("for browsers");
  const seen = origin.seen;

  const refused = await run("curl", ["-s", "-D", "-", "-x", proxy, origin.url]);
  const [head = "", body = ""] = refused.stdout.split("\r\n\r\n");
  const incident = /^Portail-Incident: (\S+)/m.exec(head)?.[1] ?? "no incident";
  expect(head).toMatch(/^HTTP\/1\.1 403 /);
  expect(head).toContain("application/problem+json");
  const story = {
    say: "This service is for browsers.",
    help: "https://help.corp.example/browsers",
    rule: { kind: "guard", name: "browsers-only", line: 2 },
    outcome: "deny",
  };
  expect(JSON.parse(body)).toMatchObject({ code: "POLICY_DENIED", incident, detail: story.say, help: story.help, status: 403 });
  expect(origin.seen, "a denied connection is never dialled").toBe(seen);

  const connection = await connectionLike(agent, { incident, end: "POLICY_DENIED" });
  expect(connection).toMatchObject({ outcome: story.outcome, rule: story.rule, up: 0, down: 0 });

  const told = await agent.json<Explanation>(["explain", incident]);
  expect(told).toMatchObject({ ...story, incident, host: "127.0.0.1", port: origin.port });
  const spoken = await agent.portail(["explain", incident]);
  expect(spoken.stdout).toContain("guard browsers-only (line 2)");
  expect(spoken.stdout).toContain(story.say);

  const console = await openConsole(agent);
  expect(await console.call("connections.explain", { id: incident })).toEqual(told);

  const { stdout } = await agent.portail(["audit", "--text", incident, "--json"]);
  const records = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as AuditRecord);
  const verdict = records.find(({ kind }) => kind === "verdict");
  expect(verdict).toMatchObject({ incident, outcome: story.outcome, rule: story.rule, connection: connection.id });
  expect(verdict?.body).toMatchObject({ say: story.say, help: story.help });
  expect(verdict?.program).toMatch(/\/curl$/);
  expect(records.find(({ kind }) => kind === "end")).toMatchObject({ incident });
});

test("a person who reads the page in a browser sees the same incident, sentence and link", async ({ lab }) => {
  const origin = await lab.http();
  const agent = await lab.agent({ policy: policy.replaceAll("/curl", "/chromium") });
  const page = await browse(origin.url, { proxy: `http://${agent.address()}`, dir: lab.dir });
  expect(page.stdout).toContain("This service is for browsers.");
  expect(page.stdout).toContain('href="https://help.corp.example/browsers"');
  const { incident } = await connectionLike(agent, { port: origin.port, end: "POLICY_DENIED" });
  expect(page.stdout).toContain(incident);
});

test("what the policy does not show to the person stands on no page and in no explanation", async ({ lab }) => {
  const origin = await lab.http();
  const agent = await lab.agent({ policy: `${policy}reveal page to user { show decision.outcome, decision.incident }\n` });
  const problem = await run("curl", ["-s", "-x", `http://${agent.address()}`, origin.url]);
  const page = await run("curl", ["-s", "-H", "Accept: text/html", "-x", `http://${agent.address()}`, origin.url]);
  const { incident } = JSON.parse(problem.stdout) as { incident: string };
  const told = await agent.portail(["explain", incident]);
  for (const { stdout } of [problem, page, told]) {
    expect(stdout).not.toContain("for browsers");
    expect(stdout).not.toContain("help.corp.example");
  }
  expect(told.stdout).toContain("DENY");
});

test("a server that speaks nonsense is told to the program with the incident that the record has", async ({ lab }) => {
  const origin = await lab.tcp((socket) => void socket.end("no HTTP at all\r\n\r\n"));
  const agent = await lab.agent();
  const curl = await run("curl", ["-s", "-x", `http://${agent.address()}`, `http://127.0.0.1:${origin.port}/`]);
  const { code, incident } = JSON.parse(curl.stdout) as { code: string; incident: string };
  expect(code).toBe("DIAL_PROTOCOL");
  await connectionLike(agent, { port: origin.port, incident });
});
