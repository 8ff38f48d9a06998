import type { AuditRecord, HoldView } from "../../agent/contract/index.ts";
import { type Agent, connectionLike, eventually, expect, type Lab, openTunnel, run, test } from "../rig/index.ts";

/** One origin behind a policy of one rule. */
async function startLab(lab: Lab, action: string) {
  const origin = await lab.tcp();
  const agent = await lab.agent({ policy: `portail policy 1\npolicy asked { ${action} }\n` });
  return { agent, knock: () => openTunnel(agent.port(), { port: origin.port }), origin };
}

function holdOf(agent: Agent): Promise<HoldView> {
  return eventually(async () => {
    const [hold] = await agent.json<HoldView[]>(["holds"]);
    if (hold === undefined) throw new Error("nothing waits");
    return hold;
  });
}

test("a waiting program continues when the person confirms, and what it sent meanwhile is not lost", async ({ lab }) => {
  const { agent, knock, origin } = await startLab(lab, 'challenge confirm hold 30s say "Did you start this?"');
  const waiting = knock();
  const hold = await holdOf(agent);
  expect(hold).toMatchObject({ kind: "challenge", asks: [{ what: "confirm" }], say: "Did you start this?" });
  expect(hold.connection).toMatchObject({ port: origin.port, state: "held" });
  expect((await agent.portail(["holds"])).stdout).toContain("Did you start this?");
  expect(origin.seen, "nothing is dialled while it waits").toBe(0);

  expect((await agent.portail(["holds", "resolve", hold.id, "continue"])).code).toBe(0);
  const tunnel = await waiting;
  expect(tunnel.reply).toBe(0);
  tunnel.write("thank you");
  expect(await tunnel.read(9)).toBe("thank you");
  tunnel.end();
  const connection = await connectionLike(agent, { id: hold.connection.id, end: "served" });
  expect(connection).toMatchObject({ outcome: "allow", rule: { kind: "policy", name: "asked" } });
  expect((await agent.portail(["explain", connection.incident ?? ""])).stdout).toMatch(/^ALLOW/);
  expect(await agent.json<HoldView[]>(["holds"])).toEqual([]);
});

test("a requirement that asks is met by the answer; the others still count", async ({ lab }) => {
  const { agent, knock } = await startLab(lab, "require sure: false else challenge confirm hold 30s require never: false else deny allow");
  expect((await knock()).reply, "denied at once").toBe(2);
  agent.writePolicy("portail policy 1\npolicy asked { require sure: false else challenge confirm hold 30s allow }\n");
  await agent.json(["reload"]);
  const waiting = knock();
  const hold = await holdOf(agent);
  await agent.portail(["holds", "resolve", hold.id, "continue"]);
  const tunnel = await waiting;
  expect(tunnel.reply).toBe(0);
  tunnel.end();
});

test("the person's no, and nobody's answer, are refusals that say so", async ({ lab }) => {
  const { agent, knock } = await startLab(lab, "challenge confirm hold 3s");
  const refused = knock();
  const hold = await holdOf(agent);
  expect((await agent.portail(["holds", "resolve", hold.id, "refuse"])).code).toBe(0);
  expect((await refused).reply).toBe(2);
  await connectionLike(agent, { id: hold.connection.id, end: "POLICY_HOLD_EXPIRED" });
  expect((await knock()).reply, "after the time is over").toBe(2);
  expect((await agent.portail(["holds", "resolve", hold.id, "continue"])).code).not.toBe(0);
});

test("a reason that is asked for must be given, and stands in the record", async ({ lab }) => {
  const { agent, knock } = await startLab(lab, "challenge reason hold 30s");
  const waiting = knock();
  const hold = await holdOf(agent);
  const without = await agent.portail(["holds", "resolve", hold.id, "continue"]);
  expect(without.code).toBe(2);
  expect(without.stderr).toContain("reason");
  expect((await agent.portail(["holds", "resolve", hold.id, "continue", "--reason", "on call tonight"])).code).toBe(0);
  const tunnel = await waiting;
  expect(tunnel.reply).toBe(0);
  tunnel.end();
  const { stdout } = await agent.portail(["audit", "--text", "hold_resolved", "--json"]);
  const record = JSON.parse(stdout) as AuditRecord;
  expect(record.body["detail"]).toMatchObject({ connection: hold.connection.id, action: "continue", reason: "on call tonight" });
  expect(record.incident).toBe(hold.connection.incident);
});

test("a sign-in or another one's approval is not given by a click: the request is judged again as it is", async ({ lab }) => {
  for (const action of ['step_up acr "gold" hold 30s', 'challenge approve "security" hold 30s']) {
    const { agent, knock, origin } = await startLab(lab, action);
    const waiting = knock();
    const hold = await holdOf(agent);
    await agent.portail(["holds", "resolve", hold.id, "continue"]);
    expect((await waiting).reply, action).toBe(2);
    expect(origin.seen).toBe(0);
  }
});

test("a program that speaks HTTP is held as well, and gets its answer", async ({ lab }) => {
  const origin = await lab.http();
  const agent = await lab.agent({ policy: "portail policy 1\npolicy asked { challenge confirm hold 30s }\n" });
  const asking = run("curl", ["-s", "-x", `http://${agent.address()}`, origin.url]);
  const hold = await holdOf(agent);
  expect(hold.connection.program).toMatch(/\/curl$/);
  expect((await agent.portail(["holds", "resolve", hold.connection.incident ?? "", "continue"])).code).toBe(0);
  expect((await asking).stdout).toBe("hello from the origin\n");
});
