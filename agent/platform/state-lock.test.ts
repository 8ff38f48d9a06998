import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AgentError } from "../base/index.ts";
import { type LockOptions, lockStateDir } from "./state-lock.ts";

const modulePath = new URL("./state-lock.ts", import.meta.url).href;

/** Another agent: takes the lock by the given way, says so, and waits to be ended. */
function startHolder(stateDir: string, way: NonNullable<LockOptions["way"]>): ChildProcess {
  const script = `
    const { lockStateDir } = await import(${JSON.stringify(modulePath)});
    globalThis.lock = await lockStateDir(process.argv[1], { way: process.argv[2] });
    process.stdout.write("held");
    setInterval(() => {}, 60_000);`;
  return spawn(process.execPath, ["--input-type=module", "-e", script, stateDir, way], { stdio: ["ignore", "pipe", "inherit"] });
}

describe.each(["file", "name"] as const)("the lock of a state directory by %s", (way) => {
  let stateDir = "";
  const holders: ChildProcess[] = [];

  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), "portail-lock-"));
    await chmod(stateDir, 0o700);
  });
  afterEach(async () => {
    for (const holder of holders.splice(0)) await kill(holder);
    await rm(stateDir, { recursive: true });
  });

  const lock = async () => lockStateDir(stateDir, { way });
  const startOther = async (): Promise<ChildProcess> => {
    const holder = startHolder(stateDir, way);
    holders.push(holder);
    if (holder.stdout !== null) await once(holder.stdout, "data");
    return holder;
  };

  test("is held once; the second is told the pid of the first", async () => {
    const other = await startOther();
    const refusal = await lock().catch((cause: unknown) => cause);
    expect(refusal).toBeInstanceOf(AgentError);
    expect(refusal).toMatchObject({ code: "AGENT_RUNNING" });
    expect(String(refusal)).toContain(String(other.pid));
  });

  test("never outlives a process that was killed", async () => {
    for (let round = 0; round < 3; round++) {
      await kill(await startOther());
      const held = await lock();
      expect(await readFile(join(stateDir, "agent.lock"), "utf8")).toBe(`${process.pid}\n`);
      await held.release();
    }
  });

  test("is free after its release, and a second release does nothing", async () => {
    const first = await lock();
    await expect(lock()).rejects.toMatchObject({ code: "AGENT_RUNNING" });
    await first.release();
    const second = await lock();
    await first.release();
    await expect(lock()).rejects.toMatchObject({ code: "AGENT_RUNNING" });
    await second.release();
  });

  test("of many that start together, one gets it", async () => {
    const tries = await Promise.allSettled(Array.from({ length: 8 }, lock));
    const held = tries.filter((attempt) => attempt.status === "fulfilled");
    expect(held).toHaveLength(1);
    await held[0]?.value.release();
  });
});

test("a state directory that is not there is said to be unusable", async () => {
  await expect(lockStateDir(join(tmpdir(), "portail-no-such-directory", "x"))).rejects.toMatchObject({ code: "AGENT_STATE_DIR" });
});

async function kill(holder: ChildProcess): Promise<void> {
  if (holder.exitCode !== null || holder.signalCode !== null) return;
  const gone = once(holder, "exit");
  holder.kill("SIGKILL");
  await gone;
}
