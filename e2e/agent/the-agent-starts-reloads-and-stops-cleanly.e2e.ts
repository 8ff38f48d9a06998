import fs from "node:fs";
import path from "node:path";
import type { ReloadReport, Status } from "../../agent/contract/index.ts";
import { connectionLike, eventually, expect, openTunnel, run, talk, test } from "../rig/index.ts";
import { portailPath } from "../rig/agent.ts";

const denyAll = `portail policy 1
policy nothing { deny say "Nothing is allowed today." }
`;
const allowAll = `portail policy 1
policy all { allow on_change close }
`;

test("a second agent on the same state directory is told who runs there", async ({ lab }) => {
  const agent = await lab.agent();
  const second = await run(portailPath, ["run", "--state-dir", agent.stateDir, "--config", path.join(agent.dir, "portail.yaml")]);
  expect(second.code).not.toBe(0);
  expect(second.stderr).toContain("AGENT_RUNNING");
  expect(second.stderr).toContain(String(agent.pid));
});

test("a mistake in the configuration names its place and starts nothing", async ({ lab }) => {
  const file = path.join(lab.dir, "broken.yaml");
  fs.writeFileSync(file, "listeners:\n  local:\n    kind: proxy\n    lisen: 127.0.0.1:0\n");
  const started = await run(portailPath, ["run", "--config", file, "--state-dir", path.join(lab.dir, "nowhere")]);
  expect(started.code).toBe(2);
  expect(started.stderr).toContain("broken.yaml:4:5");
  expect(started.stderr).toContain("listen");
  expect(fs.existsSync(path.join(lab.dir, "nowhere", "audit"))).toBe(false);
});

test("a broken reload changes nothing; a good one ends what is no longer allowed", async ({ lab }) => {
  const origin = await lab.tcp();
  const agent = await lab.agent({ policy: allowAll });
  const client = await openTunnel(agent.port(), { port: origin.port });
  client.write("before");
  expect(await client.read(6)).toBe("before");

  agent.writePolicy("portail policy 1\npolicy nothing { denny }\n");
  const broken = await agent.portail(["reload", "--json"]);
  expect(broken.code).toBe(2);
  expect(broken.stdout + broken.stderr).toMatch(/policy\.portail/);
  client.write("still here");
  expect(await client.read(10)).toBe("still here");

  agent.writePolicy(denyAll);
  const report = await agent.json<ReloadReport>(["reload"]);
  expect(report.applied).toBe(true);
  await client.closed;
  const refused = await run("curl", [
    "-sS",
    "-x",
    `http://${agent.address()}`,
    "-o",
    "/dev/null",
    "-w",
    "%{http_code}",
    `http://127.0.0.1:${origin.port}/`,
  ]);
  expect(refused.stdout).toBe("403");
});

test("a listener is added and removed by a reload, and a port that is taken refuses the whole of it", async ({ lab }) => {
  const agent = await lab.agent();
  const taken = await lab.tcp();
  agent.writeConfig(
    `listeners:\n  local: { kind: proxy, listen: 127.0.0.1:0 }\n  more: { kind: proxy, listen: 127.0.0.1:${taken.port} }\n`,
  );
  expect((await agent.portail(["reload"])).code).toBe(2);
  expect((await agent.json<Status>(["status"])).listeners.map(({ name }) => name)).toEqual(["local"]);

  agent.writeConfig("listeners:\n  local: { kind: proxy, listen: 127.0.0.1:0 }\n  more: { kind: proxy, listen: 127.0.0.1:0 }\n");
  expect((await agent.portail(["reload"])).code).toBe(0);
  const status = await agent.json<Status>(["status"]);
  expect(status.listeners.map(({ name }) => name).sort()).toEqual(["local", "more"]);
  expect(status.listeners.find(({ name }) => name === "local")?.addresses).toEqual([agent.address()]);
});

test("stopping lets running connections finish within the drain, refuses new ones in their protocol, and leaves nothing", async ({
  lab,
}) => {
  const origin = await lab.tcp();
  const agent = await lab.agent({ config: "listeners:\n  local: { kind: proxy, listen: 127.0.0.1:0 }\nlimits: { drain: 15s }\n" });
  const client = await openTunnel(agent.port(), { port: origin.port });
  const stopping = agent.portail(["stop"]);
  await eventually(async () => expect((await agent.json<Status>(["status"])).state).toBe("draining"));

  const page = await run("curl", ["-s", "-x", `http://${agent.address()}`, "-w", "%{http_code}", `http://127.0.0.1:${origin.port}/`]);
  expect(page.stdout).toMatch(/503$/);
  expect(page.stdout).toContain("AGENT_DRAINING");
  // RFC 1928 section 6: the greeting is answered, and then the request is refused with a reply of its own.
  const socks = await talk(agent.port(), Buffer.from([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, origin.port >> 8, origin.port & 255]));
  expect([...socks.subarray(0, 3)]).toEqual([5, 0, 5]);
  expect(socks[3]).not.toBe(0);

  client.write("last words");
  expect(await client.read(10)).toBe("last words");
  client.end();
  await client.closed;
  expect((await stopping).code).toBe(0);
  expect(await agent.ended).toBe(0);
});

test("what still runs when the drain is over is ended, and the record says why", async ({ lab }) => {
  const origin = await lab.tcp();
  const agent = await lab.agent();
  const client = await openTunnel(agent.port(), { port: origin.port });
  await connectionLike(agent, { state: "open" });
  expect((await agent.portail(["stop", "--drain", "200ms"])).code).toBe(0);
  await client.closed;
  const { stdout } = await agent.portail(["audit", "--json"]);
  expect(stdout).toContain("AGENT_DRAINING");
});

test("SIGHUP reloads like the command does", async ({ lab }) => {
  const agent = await lab.agent({ policy: allowAll });
  agent.writePolicy(denyAll);
  agent.kill("SIGHUP");
  await eventually(async () => expect((await agent.json<Status>(["status"])).policy.digest).not.toBe(agent.status.policy.digest));
});
