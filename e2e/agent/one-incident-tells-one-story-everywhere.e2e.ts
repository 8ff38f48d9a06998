import { once } from "node:events";
import http2 from "node:http2";
import { text } from "node:stream/consumers";
import type { AuditRecord, ConnectionView, Explanation } from "../../agent/contract/index.ts";
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

test("a refusal is recorded alike for SOCKS5, HTTP/1.1 and HTTP/2, and told alike by the two that have words", async ({ lab }) => {
  const origin = await lab.http();
  const agent = await lab.agent({ policy: 'portail policy 1\nguard nobody { when true deny say "Not today." }\n' });
  const url = `http://127.0.0.1:${origin.port}/`;
  expect((await run("curl", ["-s", "-x", `socks5h://${agent.address()}`, url])).code).toBe(97);
  const tunnelled = await run("curl", ["-s", "-p", "-x", `http://${agent.address()}`, url, "-o", "/dev/null", "-w", "%{http_connect}"]);
  expect(tunnelled.stdout).toBe("403");
  const session = http2.connect(`http://${agent.address()}`);
  lab.after(() => session.destroy());
  const stream = session.request({ ":method": "CONNECT", ":authority": `127.0.0.1:${origin.port}` });
  const [headers] = (await once(stream, "response")) as [http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader];
  const words = await text(stream);
  const views = await Promise.all(
    ["socks5", "http", "h2"].map((protocol) => connectionLike(agent, { protocol, end: "POLICY_DENIED" } as Partial<ConnectionView>)),
  );
  const alike = { port: origin.port, outcome: "deny", rule: { kind: "guard", name: "nobody", line: 2 }, up: 0, down: 0 };
  for (const view of views) expect(view).toMatchObject(alike);
  const incident = views[2]?.incident;
  expect([headers[":status"], headers["portail-incident"]]).toEqual([403, incident]);
  expect(JSON.parse(words)).toMatchObject({ code: "POLICY_DENIED", incident, detail: "Not today.", status: 403 });
  expect((await agent.portail(["explain", incident ?? ""])).stdout).toContain("Not today.");
  expect(origin.seen).toBe(0);
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
