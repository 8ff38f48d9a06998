import type { Explanation } from "../../agent/contract/index.ts";
import { connectionLike, expect, type Lab, openTunnel, run, test } from "../rig/index.ts";

const policy = `portail policy 1
guard not-inwards {
  when has(request.ip) and request.ip in ["127.0.0.0/8", "::1/128"]
  deny say "Nothing on this machine."
}
policy rest { allow }
`;

async function startLab(lab: Lab) {
  const names = await lab.names({
    "inside.example": ["127.0.0.1"],
    "both.example": ["127.0.0.1", "203.0.113.9"],
    "outside.example": ["127.0.0.2"],
  });
  const config = `listeners:
  local: { kind: proxy, listen: 127.0.0.1:0 }
resolver: { servers: ["${names.address}"], timeout: 1s }
limits: { connect: 2s }
`;
  return { names, config, origin: await lab.http() };
}

test("a name that resolves to a forbidden address is refused like the address itself, and never dialled", async ({ lab }) => {
  const { config, origin } = await startLab(lab);
  const agent = await lab.agent({ config, policy });
  // RFC 1928 section 6: 2 is "connection not allowed by ruleset".
  const hosts = ["127.0.0.1", "inside.example", "INSIDE.example.", "0x7f.1", "2130706433", "::1", "::ffff:127.0.0.1", "127.1"];
  for (const host of hosts) {
    const { reply, closed } = await openTunnel(agent.port(), { host, port: origin.port });
    expect(reply, `the reply to ${host}`).toBe(2);
    await closed;
  }
  const page = await run("curl", ["-s", "-x", `http://${agent.address()}`, "-w", "%{http_code}", `http://inside.example:${origin.port}/`]);
  expect(page.stdout).toMatch(/403$/);
  expect(page.stdout).toContain("Nothing on this machine.");
  expect(origin.seen).toBe(0);
  const connection = await connectionLike(agent, { host: "inside.example", protocol: "http", end: "POLICY_DENIED" });
  expect(connection.rule).toMatchObject({ kind: "guard", name: "not-inwards" });
  const story = await agent.json<Explanation>(["explain", connection.incident ?? ""]);
  expect(story.text).toContain("not-inwards");
});

test("of several addresses only those that the rule allows are tried", async ({ lab }) => {
  const { config, origin } = await startLab(lab);
  const agent = await lab.agent({ config, policy });
  const { reply } = await openTunnel(agent.port(), { host: "both.example", port: origin.port });
  expect(reply, "not success").not.toBe(0);
  expect(origin.seen).toBe(0);
});

test("a configured name server is asked for what the policy allows, and failures have replies of their own", async ({ lab }) => {
  const { config, origin, names } = await startLab(lab);
  const agent = await lab.agent({ config });
  const tunnel = await openTunnel(agent.port(), { host: "inside.example", port: origin.port });
  expect(tunnel.reply).toBe(0);
  tunnel.socket.destroy();
  await connectionLike(agent, { host: "inside.example", address: `127.0.0.1:${origin.port}` });
  expect(names.asked).toContain("inside.example");
  // RFC 1928 section 6: 4 is "host unreachable", 5 "connection refused".
  expect((await openTunnel(agent.port(), { host: "missing.example", port: 80 })).reply).toBe(4);
  expect((await openTunnel(agent.port(), { host: "outside.example", port: 1 })).reply).toBe(5);
});
