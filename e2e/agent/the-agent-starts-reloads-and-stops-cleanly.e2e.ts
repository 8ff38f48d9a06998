import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import type { ReloadReport, Status } from "../../agent/contract/index.ts";
import { eventually, expect, run, test } from "../rig/index.ts";
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
  const client = await tunnel(agent.port(), origin.port);
  client.write("before");
  expect(await read(client)).toBe("before");

  agent.writePolicy("portail policy 1\npolicy nothing { denny }\n");
  const broken = await agent.portail(["reload", "--json"]);
  expect(broken.code).toBe(2);
  expect(broken.stdout + broken.stderr).toMatch(/policy\.portail/);
  client.write("still here");
  expect(await read(client)).toBe("still here");

  agent.writePolicy(denyAll);
  const closed = new Promise((resolve) => client.once("close", resolve));
  const report = await agent.json<ReloadReport>(["reload"]);
  expect(report.applied).toBe(true);
  await closed;
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
  const agent = await lab.agent({ config: "listeners:\n  local: { kind: proxy, listen: 127.0.0.1:0 }\nlimits: { drain: 5s }\n" });
  const client = await tunnel(agent.port(), origin.port);
  const stopping = agent.portail(["stop"]);
  await eventually(() => expect(agent.log()).toMatch(/drain|stop/));
  client.write("last words");
  expect(await read(client)).toBe("last words");
  client.end();
  expect((await stopping).code).toBe(0);
  expect(await agent.ended).toBe(0);
});

/** A SOCKS5 tunnel by hand, so that the test holds its socket. */
async function tunnel(proxyPort: number, targetPort: number): Promise<net.Socket> {
  const socket = net.connect({ host: "127.0.0.1", port: proxyPort });
  socket.on("error", () => undefined);
  socket.write(Buffer.from([5, 1, 0]));
  expect([...(await readBytes(socket))]).toEqual([5, 0]);
  socket.write(Buffer.from([5, 1, 0, 1, 127, 0, 0, 1, targetPort >> 8, targetPort & 255]));
  expect((await readBytes(socket))[1]).toBe(0);
  return socket;
}

function readBytes(socket: net.Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    socket.once("data", resolve);
    socket.once("close", () => reject(new Error("closed")));
  });
}

async function read(socket: net.Socket): Promise<string> {
  return (await readBytes(socket)).toString();
}
