import fs from "node:fs";
import path from "node:path";
import type { Status } from "../../agent/contract/index.ts";
import { eventually, expect, run, test } from "../rig/index.ts";

test("a full disk refuses new connections with the reason, raises an alarm, and is over when there is room again", async ({ lab }) => {
  const dir = path.join(lab.dir, "small-disk");
  fs.mkdirSync(dir);
  const mounted = await run("mount", ["-t", "tmpfs", "-o", "size=6m,mode=700", "tmpfs", dir]);
  test.skip(mounted.code !== 0, `SKIPPED LOUDLY: a small disk cannot be made here: ${mounted.stderr}`);
  lab.after(async () => void (await run("umount", [dir])));

  const origin = await lab.http();
  const agent = await lab.agent({ dir });
  const ask = () => run("curl", ["-s", "--max-time", "10", "-x", `http://${agent.address()}`, origin.url]);
  expect((await ask()).stdout).toBe("hello from the origin\n");
  const seen = origin.seen;

  const filler = path.join(dir, "filler");
  fillUp(filler);
  // What room the record had already taken for itself may be used up first.
  const problem = await eventually(async () => {
    const { stdout } = await ask();
    expect(stdout).toContain("RECORD_UNAVAILABLE");
    return JSON.parse(stdout) as { status: number };
  }, 30_000);
  expect(problem.status).toBe(503);
  const before = origin.seen;
  await ask();
  expect(origin.seen, "what cannot be recorded is never dialled").toBe(before);
  expect(before).toBeGreaterThanOrEqual(seen);
  const status = await agent.json<Status>(["status"]);
  expect(status.alarms.map(({ code }) => code)).toContain("RECORD_UNAVAILABLE");
  expect((await agent.portail(["status"])).stdout).toContain("RECORD_UNAVAILABLE");

  fs.rmSync(filler);
  await eventually(async () => expect((await ask()).stdout).toBe("hello from the origin\n"), 20_000);
  await eventually(async () => expect((await agent.json<Status>(["status"])).alarms).toEqual([]), 20_000);
  expect(await agent.json(["audit", "verify"])).toMatchObject({ ok: true });
});

/** Writes until there is no room for one byte more. */
function fillUp(file: string): void {
  const descriptor = fs.openSync(file, "w");
  for (let size = 1 << 20; size >= 1; ) if (!fits(descriptor, size)) size >>= 1;
  fs.closeSync(descriptor);
}

function fits(descriptor: number, size: number): boolean {
  try {
    return fs.writeSync(descriptor, Buffer.alloc(size)) === size;
  } catch {
    return false;
  }
}
