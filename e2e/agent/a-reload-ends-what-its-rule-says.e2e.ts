import type { AuditRecord } from "../../agent/contract/index.ts";
import { connectionLike, eventually, expect, openTunnel, test } from "../rig/index.ts";

const listener = "listeners:\n  local: { kind: proxy, listen: 127.0.0.1:0 }\n";

test("when a policy takes a permission back, living connections are kept, drained or closed as their rule said", async ({ lab }) => {
  const origins = { keep: await lab.tcp(), drain: await lab.tcp(), close: await lab.tcp(), allowed: await lab.tcp() };
  const policyWith = (rules: readonly (keyof typeof origins)[]) =>
    [
      "portail policy 1",
      ...rules.map((name) => `policy to-${name} { when request.port == ${origins[name].port} allow ${onChange(name)} }`),
    ].join("\n");
  const onChange = (name: keyof typeof origins) => (name === "allowed" ? "on_change close" : `on_change ${name}`);
  const config = `${listener}limits: { drain: 3s }\n`;
  const agent = await lab.agent({ config, policy: policyWith(["keep", "drain", "close", "allowed"]) });
  const open = async (name: keyof typeof origins) => {
    const tunnel = await openTunnel(agent.port(), { port: origins[name].port });
    tunnel.write("hello");
    expect(await tunnel.read(5), name).toBe("hello");
    return tunnel;
  };
  const [keep, drain, close, allowed] = [await open("keep"), await open("drain"), await open("close"), await open("allowed")];

  agent.writePolicy(policyWith(["allowed"]));
  await agent.json(["reload"]);
  await close.closed;
  for (const tunnel of [keep, drain, allowed]) {
    tunnel.write("still here");
    expect(await tunnel.read(10)).toBe("still here");
  }
  await drain.closed;
  for (const tunnel of [keep, allowed]) {
    tunnel.write("after the drain");
    expect(await tunnel.read(15)).toBe("after the drain");
    tunnel.end();
    await tunnel.closed;
  }
  await connectionLike(agent, { port: origins.close.port, end: "CARRY_POLICY_CHANGED" });
  await connectionLike(agent, { port: origins.drain.port, end: "CARRY_POLICY_CHANGED" });
  await connectionLike(agent, { port: origins.keep.port, end: "served" });
  await connectionLike(agent, { port: origins.allowed.port, end: "served" });
  // RFC 1928 section 6: what is new is judged by the new policy.
  expect((await openTunnel(agent.port(), { port: origins.keep.port })).reply).toBe(2);
});

test("the record tells when a policy was put in force, and which", async ({ lab }) => {
  const agent = await lab.agent({ policy: "portail policy 1\npolicy all { allow }\n" });
  agent.writePolicy('portail policy 1\npolicy none { deny say "Closed." }\n');
  const { policyDigest } = await agent.json<{ policyDigest: string }>(["reload"]);
  await eventually(async () => {
    const { stdout } = await agent.portail(["audit", "--text", "policy_activated", "--json"]);
    const record = JSON.parse(stdout) as AuditRecord;
    expect(record.body["detail"]).toEqual({ before: agent.status.policy.digest, after: policyDigest });
  });
});
