import type { AuditRecord } from "../../agent/contract/index.ts";
import { type Agent, eventually, expect, openTunnel, run, test } from "../rig/index.ts";

/** Ten in every run; a hundred by hand: PORTAIL_KILLS=100. */
const kills = Number(process.env["PORTAIL_KILLS"] ?? 10);

test("connections that a kill interrupts are recorded as interrupted by the next life, and the record verifies", async ({ lab }) => {
  const origin = await lab.tcp();
  const first = await lab.agent();
  const tunnels = await Promise.all([1, 2, 3, 4, 5].map(() => openTunnel(first.port(), { port: origin.port })));
  first.kill("SIGKILL");
  await first.ended;
  await Promise.all(tunnels.map(({ closed }) => closed));
  const offline = await first.portail(["audit", "verify"]);
  expect(offline.code, offline.stderr).toBe(0);

  const second = await lab.agent({ dir: first.dir });
  const records = await recordsOf(second);
  const ends = records.filter(({ kind }) => kind === "end");
  expect(ends).toHaveLength(5);
  for (const end of ends) expect(end.body).toMatchObject({ end: "CARRY_INTERRUPTED" });
  const verdicts = records.filter(({ kind }) => kind === "verdict").map(({ connection }) => connection);
  expect(new Set(ends.map(({ connection }) => connection))).toEqual(new Set(verdicts));
  expect(await second.json(["audit", "verify"])).toMatchObject({ ok: true });
  expect(await second.stop()).toBe(0);
});

test("killed again and again under load, it is back on the same port, has kept every acknowledged verdict, and the chain holds", async ({
  lab,
}) => {
  test.setTimeout(60_000 + kills * 5000);
  const origin = await lab.http();
  let agent = await lab.agent();
  const config = `listeners:\n  local: { kind: proxy, listen: "${agent.address()}" }\n`;
  const backAfterMs: number[] = [];
  let served = 0;
  for (let life = 0; life < kills; life += 1) {
    const load = Promise.all(
      Array.from({ length: 4 }, async () => {
        const curl = await run("curl", ["-s", "--max-time", "5", "-x", `http://${agent.address()}`, `${origin.url}[1-40]`]);
        return curl.stdout.split("hello from the origin\n").length - 1;
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 30 + (life % 10) * 15));
    agent.kill("SIGKILL");
    await agent.ended;
    const killedAt = performance.now();
    const back = answersAgain(agent.port(), origin.port).then(() => backAfterMs.push(performance.now() - killedAt));
    const next = lab.agent({ config, dir: agent.dir });
    for (const count of await load) served += count;
    await back;
    agent = await next;
  }
  const fastest = Math.min(...backAfterMs);
  const slowest = Math.max(...backAfterMs);
  test.info().annotations.push({ type: "back after", description: `${fastest.toFixed(0)} to ${slowest.toFixed(0)} ms` });
  // A start takes a fraction of a second; the rest is for machines that do other things at the same time.
  expect(slowest, "ms until it serves again").toBeLessThan(5000);
  expect(await agent.json(["audit", "verify"])).toMatchObject({ ok: true });
  const records = await recordsOf(agent);
  const verdicts = records.filter(({ kind }) => kind === "verdict").map(({ connection }) => connection);
  const ends = records.filter(({ kind }) => kind === "end").map(({ connection }) => connection);
  expect(verdicts.length, "what a client got was recorded before").toBeGreaterThanOrEqual(served);
  expect(served).toBeGreaterThan(0);
  expect(new Set(ends).size).toBe(ends.length);
  expect(new Set(ends)).toEqual(new Set(verdicts));
});

async function answersAgain(proxyPort: number, port: number): Promise<void> {
  await eventually(async () => {
    const tunnel = await openTunnel(proxyPort, { port });
    tunnel.socket.destroy();
  });
}

async function recordsOf(agent: Agent): Promise<AuditRecord[]> {
  const { stdout } = await agent.portail(["audit", "export", "--format", "jsonl"]);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as AuditRecord);
}
