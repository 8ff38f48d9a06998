import { expect, run, test } from "../rig/index.ts";

interface Exported {
  readonly seq?: number;
  readonly kind?: string;
  readonly class_uid?: number;
  readonly event?: { readonly category?: readonly string[] };
}

test("the record is exported as jsonl, OCSF and ECS, the same while the agent runs and after it stopped", async ({ lab }) => {
  const origin = await lab.http();
  const agent = await lab.agent();
  for (let at = 0; at < 3; at += 1) await run("curl", ["-s", "-x", `http://${agent.address()}`, origin.url]);
  const exported = async (format: string, only: readonly string[] = []) => {
    const { code, stdout, stderr } = await agent.portail(["audit", "export", "--format", format, ...only]);
    expect(code, stderr).toBe(0);
    return stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Exported);
  };

  const running = { jsonl: await exported("jsonl"), ocsf: await exported("ocsf"), ecs: await exported("ecs") };
  expect(running.jsonl.filter(({ kind }) => kind === "verdict")).toHaveLength(3);
  expect(running.jsonl.map(({ seq }) => seq)).toEqual(running.jsonl.map((_, at) => at + 1));
  // OCSF 4001 is Network Activity.
  expect(running.ocsf.filter(({ class_uid: uid }) => uid === 4001).length).toBeGreaterThanOrEqual(3);
  expect(running.ecs.filter(({ event }) => event?.category?.includes("network")).length).toBeGreaterThanOrEqual(3);
  expect(await exported("jsonl", ["--since", "1h", "--outcome", "allow"])).toHaveLength(3);

  expect(await agent.stop()).toBe(0);
  for (const format of ["jsonl", "ocsf", "ecs"] as const) {
    const stopped = await exported(format);
    expect(stopped.slice(0, running[format].length), format).toEqual(running[format]);
  }
  expect((await agent.portail(["audit", "verify"])).code).toBe(0);
});

test("a head that was noted earlier proves that nothing was cut off, running and stopped", async ({ lab }) => {
  const agent = await lab.agent();
  const { head = "" } = await agent.json<{ head?: string }>(["audit", "verify"]);
  expect(head).toMatch(/^[0-9a-f]{64}$/);
  const foreign = "0".repeat(63) + "1";
  const judge = async () => [
    (await agent.portail(["audit", "verify", "--head", head])).code,
    (await agent.portail(["audit", "verify", "--head", foreign])).code,
  ];
  expect(await judge()).toEqual([0, 1]);
  await agent.stop();
  expect(await judge()).toEqual([0, 1]);
});
