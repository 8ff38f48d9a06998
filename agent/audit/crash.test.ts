import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createAudit } from "./audit.ts";
import { realClock, type TestDir, testDir } from "./rig.suite.ts";

const LIVES = 20;
let dir: TestDir;

beforeEach(() => {
  dir = testDir();
});

afterEach(() => {
  dir.remove();
});

/** One life: record until this many verdicts are acknowledged, then be killed in the middle of whatever it does. */
async function liveAndDie(life: number, verdicts: number): Promise<readonly string[]> {
  const script = fileURLToPath(new URL("./crash-child.suite.ts", import.meta.url));
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, dir.path, String(life)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let told = "";
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (text: string) => {
    told += text;
    if (told.length > verdicts * 8) child.kill("SIGKILL");
  });
  const [, signal] = (await once(child, "close")) as [number | null, string | null];
  expect(signal).toBe("SIGKILL");
  return told.slice(0, told.lastIndexOf("\n")).split("\n");
}

test("after twenty kills in the middle of its work every acknowledged verdict is there, the chain proves itself, and nothing stays open", {
  timeout: 120_000,
}, async () => {
  const acknowledged: string[] = [];
  for (let life = 0; life < LIVES; life += 1) acknowledged.push(...(await liveAndDie(life, 20 + life * 37)));
  const audit = createAudit({ dir: dir.path, clock: realClock });
  await audit.start();
  const verdicts = new Set<string>();
  const ends = new Map<string, number>();
  for await (const line of audit.export("jsonl")) {
    const { kind, connection } = JSON.parse(line) as { kind: string; connection: string };
    if (kind === "verdict") verdicts.add(connection);
    else if (kind === "end") ends.set(connection, (ends.get(connection) ?? 0) + 1);
  }
  expect(acknowledged.filter((id) => !verdicts.has(id))).toEqual([]);
  expect([...verdicts].filter((id) => ends.get(id) !== 1)).toEqual([]);
  expect(await audit.verify()).toMatchObject({ ok: true });
  expect(audit.alarms).toEqual([]);
  await audit.close();
});
