import fs from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { memoryHolds } from "../../testing/index.ts";
import { makeRoom } from "../pki.suite.ts";
import { makeSoftHsm, type SoftHsm } from "../soft-hsm.suite.ts";
import type { TokenHost } from "./token-host.ts";
import { buildNativePart, compileModule, type Opened, openKeeper, sign, token } from "./token-rig.suite.ts";

const room = makeRoom();
let brokenModule: string;
let hsm: SoftHsm;
const hosts: TokenHost[] = [];

beforeAll(async () => {
  buildNativePart();
  brokenModule = compileModule("broken-module", room.dir);
  hsm = makeSoftHsm(room.dir);
  const { keeper } = open();
  await keeper.ask<"generate">({ op: "generate", token, label: "device", id: "01", algorithm: "ec-p256" }, "laptop");
}, 60_000);
afterEach(() => {
  for (const host of hosts.splice(0)) host.close();
});
afterAll(() => room.remove());

/** The person answers with `pins` in turn, then always with the right one. */
function open(pins: readonly (string | undefined)[] = [], modulePath = hsm.modulePath): Opened {
  const opened = openKeeper(modulePath, hsm.pin, pins);
  hosts.push(opened.host);
  return opened;
}

const processOf = ({ host }: Opened): number => {
  expect(host.pid).toBeDefined();
  return host.pid ?? 0;
};

describe("a PIN", () => {
  it("is asked for once, however many signatures are wanted at the same time", async () => {
    const opened = open();
    await Promise.all(Array.from({ length: 50 }, () => sign(opened)));
    await sign(opened);
    expect(opened.questions).toEqual([{ identity: "laptop", token: "portail", why: "needed", tries: "unknown", isForOneUse: false }]);
  });

  it("that is wrong is asked for again, with what the token says about its tries", async () => {
    const opened = open(["wrong"]);
    await sign(opened);
    expect(opened.questions.map(({ why, tries }) => [why, tries])).toEqual([
      ["needed", "unknown"],
      ["wrong", "few"],
    ]);
  });

  it("that stays wrong ends the attempt after three tries", async () => {
    const opened = open(["a-wrong", "b-wrong", "c-wrong", "d-wrong"]);
    await expect(sign(opened)).rejects.toMatchObject({ code: "IDENTITY_PIN" });
    expect(opened.questions).toHaveLength(3);
    await sign(open());
  });

  it("that is not given fails all who wait, and nobody is asked again for a while", async () => {
    const opened = open([undefined]);
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => sign(opened)));
    expect(results.every(({ status }) => status === "rejected")).toBe(true);
    await expect(sign(opened)).rejects.toMatchObject({ code: "IDENTITY_PIN" });
    expect(opened.questions).toHaveLength(1);
  });

  it("is overwritten with zeros after use, right or wrong", async () => {
    const opened = open(["wrong"]);
    await sign(opened);
    expect(opened.answers).toHaveLength(2);
    expect(opened.answers.every((answer) => answer?.every((byte) => byte === 0))).toBe(true);
  });

  it("is nowhere in the memory of the token process after the login, right or wrong", async () => {
    const opened = open(["wrong-but-secret"]);
    await sign(opened);
    const pid = processOf(opened);
    // The search finds what is there.
    expect(memoryHolds(pid, hsm.modulePath)).toBe(true);
    expect(memoryHolds(pid, hsm.pin)).toBe(false);
    expect(memoryHolds(pid, "wrong-but-secret")).toBe(false);
  });

  it("that no token could have is refused without costing a try", async () => {
    const opened = open(["x".repeat(256), "", hsm.pin]);
    await sign(opened);
    expect(opened.questions.map(({ why, tries }) => [why, tries])).toEqual([
      ["needed", "unknown"],
      ["wrong", "unknown"],
      ["wrong", "unknown"],
    ]);
  });

  it("stands in no command line and in no environment of any process", async () => {
    const opened = open();
    await sign(opened);
    expect(processOf(opened)).toBeGreaterThan(0);
    for (const pid of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      for (const file of ["cmdline", "environ"]) expect(read(`/proc/${pid}/${file}`)).not.toContain(hsm.pin);
    }
  });
});

function read(file: string): string {
  try {
    return fs.readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

describe("the token process", () => {
  it("that is killed between two signatures is replaced, and the PIN is asked for again", async () => {
    const opened = open();
    await sign(opened);
    const first = processOf(opened);
    process.kill(first, "SIGKILL");
    await sign(opened);
    expect(processOf(opened)).not.toBe(first);
    expect(opened.questions).toHaveLength(2);
  });

  it("that is killed in the middle of a signature costs nobody the signature", async () => {
    const opened = open();
    await sign(opened);
    const pid = processOf(opened);
    process.kill(pid, "SIGSTOP");
    const waiting = sign(opened);
    process.kill(pid, "SIGKILL");
    await expect(waiting).resolves.toHaveProperty("signature");
  });

  it("writes no core file, which could hold a PIN", async () => {
    const opened = open();
    await sign(opened);
    expect(read(`/proc/${processOf(opened)}/limits`)).toMatch(/^Max core file size\s+0\s+0/m);
  });

  it("ends with the agent's side of it", async () => {
    const opened = open();
    await sign(opened);
    const pid = processOf(opened);
    opened.host.close();
    await expect.poll(() => fs.existsSync(`/proc/${pid}`) && !read(`/proc/${pid}/stat`).includes(") Z ")).toBe(false);
    await expect(sign(opened)).rejects.toMatchObject({ code: "IDENTITY_MODULE" });
  });
});

describe("a token", () => {
  it("that is taken out is missed, and serves again when it is back", async () => {
    const opened = open();
    await sign(opened);
    fs.renameSync(hsm.tokenDir, `${hsm.tokenDir}-out`);
    fs.mkdirSync(hsm.tokenDir);
    // SoftHSM looks for tokens when it begins; a reader would tell at once.
    opened.host.logOut();
    await expect(sign(opened)).rejects.toMatchObject({ code: "IDENTITY_ABSENT" });
    expect(await opened.keeper.isPresent(token)).toBe(false);
    fs.rmdirSync(hsm.tokenDir);
    fs.renameSync(`${hsm.tokenDir}-out`, hsm.tokenDir);
    await sign(opened);
    expect(await opened.keeper.isPresent(token)).toBe(true);
  });

  it("that takes long is announced as waiting for a touch, and the notice is taken back", async () => {
    const opened = open();
    await sign(opened);
    const pid = processOf(opened);
    opened.touches.length = 0;
    process.kill(pid, "SIGSTOP");
    const waiting = sign(opened);
    await expect.poll(() => opened.touches).toEqual([{ identity: "laptop", token: "portail", isOver: false }]);
    process.kill(pid, "SIGCONT");
    await waiting;
    expect(opened.touches.at(-1)).toEqual({ identity: "laptop", token: "portail", isOver: true });
  });
});

describe("a module", () => {
  afterEach(() => {
    delete process.env["PORTAIL_TEST_MODULE"];
  });

  it.each([
    "crash",
    "slots",
    "negative-slots",
    "info",
    "text",
    "flags",
    "lengths",
    "negative-lengths",
    "gigabyte",
    "growing",
    "objects",
    "negative-objects",
  ])("that is broken (%s) costs an error message, never the agent", async (how) => {
    process.env["PORTAIL_TEST_MODULE"] = how;
    const opened = open([], brokenModule);
    const pick = { token: { label: "broken" }, key: { label: "device" } };
    await expect(opened.keeper.ask<"find">({ op: "find", pick }, "laptop")).rejects.toMatchObject({
      code: expect.stringMatching(/^IDENTITY_/) as string,
    });
  });

  it("that hangs is killed when its time is over", async () => {
    process.env["PORTAIL_TEST_MODULE"] = "hang";
    const { host } = open([], brokenModule);
    const hung = host.ask<"list">({ op: "list" }, { timeoutMs: 1500 });
    await expect(hung).rejects.toMatchObject({ problem: "SILENT" });
    process.env["PORTAIL_TEST_MODULE"] = "";
    await expect(host.ask<"list">({ op: "list" }, { timeoutMs: 10_000 })).rejects.toMatchObject({
      problem: expect.stringMatching(/^(MODULE|CRASHED)$/) as string,
    });
  });

  it("that crashes again and again is left alone for a while", async () => {
    process.env["PORTAIL_TEST_MODULE"] = "crash";
    const { host } = open([], brokenModule);
    for (let count = 0; count < 3; count += 1)
      await expect(host.ask<"list">({ op: "list" }, { timeoutMs: 10_000 })).rejects.toMatchObject({ problem: "CRASHED" });
    await expect(host.ask<"list">({ op: "list" }, { timeoutMs: 10_000 })).rejects.toThrow(/left alone/);
  });

  it("that is none is an error with its name", async () => {
    const { keeper } = open([], path.join(room.dir, "missing.so"));
    await expect(keeper.ask<"list">({ op: "list" }, "laptop")).rejects.toMatchObject({
      code: "IDENTITY_MODULE",
      detail: expect.stringContaining("missing.so") as string,
    });
  });
});
