import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makeRoom } from "../pki.suite.ts";
import { makeSoftHsm, type SoftHsm } from "../soft-hsm.suite.ts";
import { buildNativePart, makeReader, type Opened, openKeeper, type Reader, sign, token } from "./token-rig.suite.ts";

const room = makeRoom();
let hsm: SoftHsm;
let reader: Reader;
const opened: Opened[] = [];

/** PKCS#11 section 4: kinds of user, as the reader notes them. */
const user = 1;
const contextSpecific = 2;

beforeAll(async () => {
  buildNativePart();
  hsm = makeSoftHsm(room.dir);
  reader = makeReader(room.dir);
  const { keeper, host } = openKeeper(hsm.modulePath, hsm.pin);
  await keeper.ask<"generate">({ op: "generate", token, label: "device", id: "01", algorithm: "ec-p256" }, "laptop");
  host.close();
  const key = ["--keypairgen", "--key-type", "EC:prime256v1", "--label", "careful", "--id", "02", "--always-auth"];
  execFileSync("pkcs11-tool", ["--module", hsm.modulePath, "--token-label", hsm.label, "--login", "--pin", hsm.pin, ...key], {
    stdio: "pipe",
  });
}, 60_000);
afterEach(() => {
  for (const { host } of opened.splice(0)) host.close();
  reader.remove();
});
afterAll(() => room.remove());

function open(pins: readonly (string | undefined)[] = []): Opened {
  const one = openKeeper(reader.modulePath, hsm.pin, pins);
  opened.push(one);
  return one;
}

/** On a busy machine a signature may also take long enough to look like a touch. */
const atKeypad = ({ touches }: Opened) => touches.filter(({ kind }) => kind === "keypad");

describe("a reader with a keypad", () => {
  it("gets no PIN from us, and the person is told to type it there, once for all who wait", async () => {
    reader.set("keypad", hsm.pin);
    const one = open();
    await Promise.all(Array.from({ length: 20 }, () => sign(one)));
    await sign(one);
    expect(reader.logins()).toEqual([`keypad ${user}`]);
    expect(one.questions).toEqual([]);
    expect(atKeypad(one)).toEqual([
      { identity: "laptop", token: "portail", kind: "keypad", isOver: false },
      { identity: "laptop", token: "portail", kind: "keypad", isOver: true },
    ]);
  });

  it("on which the person presses cancel is left in peace for a while, until somebody logs out", async () => {
    reader.set("keypad", "cancel");
    const one = open();
    await expect(sign(one)).rejects.toMatchObject({ code: "IDENTITY_PIN", detail: expect.stringContaining("cancelled") as string });
    await expect(sign(one)).rejects.toMatchObject({ code: "IDENTITY_PIN" });
    expect(reader.logins()).toHaveLength(1);
    reader.set("keypad", hsm.pin);
    one.keeper.logout();
    await sign(one);
  });

  it("asks again when the PIN was wrong, three times at most", async () => {
    reader.set("keypad", "000000");
    await expect(sign(open())).rejects.toMatchObject({ code: "IDENTITY_PIN" });
    expect(reader.logins()).toHaveLength(3);
  });

  it("asks for each signature with a key that wants it", async () => {
    reader.set("keypad", hsm.pin);
    const one = open();
    await sign(one, { label: "careful" });
    await sign(one, { label: "careful" });
    expect(reader.logins()).toEqual([`keypad ${user}`, `keypad ${contextSpecific}`, `keypad ${contextSpecific}`]);
    expect(one.questions).toEqual([]);
    expect(atKeypad(one).map(({ isOver }) => isOver)).toEqual([false, true, false, true, false, true]);
  });
});

describe("a key that wants its PIN each time", () => {
  it("gets it for every signature, asked for as such", async () => {
    const one = open();
    await sign(one, { label: "careful" });
    await sign(one, { label: "careful" });
    expect(reader.logins()).toEqual([`pin ${user}`, `pin ${contextSpecific}`, `pin ${contextSpecific}`]);
    expect(one.questions.map(({ isForOneUse }) => isForOneUse)).toEqual([false, true, true]);
    expect(one.answers.every((answer) => answer?.every((byte) => byte === 0))).toBe(true);
  });

  it("is not spoiled by a wrong one: the signature waits for the right one, and others go on", async () => {
    const careful = open([hsm.pin, "wrong", hsm.pin]);
    await sign(careful, { label: "careful" });
    expect(careful.questions.map(({ why }) => why)).toEqual(["needed", "needed", "wrong"]);
    await sign(careful);
    await sign(careful, { label: "careful" });
    expect(careful.questions).toHaveLength(4);
  });
});

describe("wrong PINs", () => {
  it("are told with what the token says of the tries, up to the last", async () => {
    reader.set("tries", "3");
    const one = open(["wrong-1", "wrong-2", hsm.pin]);
    await sign(one);
    expect(one.questions.map(({ why, tries }) => [why, tries])).toEqual([
      ["needed", "unknown"],
      ["wrong", "few"],
      ["wrong", "last"],
    ]);
  });

  it("that locked the token are told once, nobody is asked while it is locked, and it serves again when it is unlocked", async () => {
    reader.set("tries", "1");
    const one = open(["wrong"]);
    await expect(sign(one)).rejects.toMatchObject({ code: "IDENTITY_LOCKED" });
    const pid = one.host.pid;
    reader.logins();
    const asked = one.questions.length;
    await expect(Promise.all([sign(one), sign(one)])).rejects.toMatchObject({ code: "IDENTITY_LOCKED" });
    expect(one.questions).toHaveLength(asked);
    expect(reader.logins()).toEqual([]);
    reader.set("tries", "3");
    // By its own tool, with the PUK. Somebody who tries again says so; otherwise a few seconds pass.
    one.keeper.logout();
    await sign(one);
    expect(one.host.pid).not.toBe(pid);
  });
});

describe("a token", () => {
  it.each([
    ["its session handle", "b3"],
    ["its key handle", "60"],
    ["an object handle", "82"],
    ["itself, for a moment", "30"],
    ["the login", "101"],
  ])("that lost %s is asked anew, by the same process", async (_what, code) => {
    const one = open();
    await sign(one);
    const { pid } = one.host;
    reader.set("once-sign", code);
    await sign(one);
    expect(one.host.pid).toBe(pid);
  });

  it("that slept, with all sessions and the login gone, asks for its PIN and goes on", async () => {
    const one = open();
    await sign(one);
    reader.set("once-sleep", "");
    await sign(one);
    expect(one.questions).toHaveLength(2);
    await Promise.all(Array.from({ length: 5 }, () => sign(one)));
    expect(one.questions).toHaveLength(2);
  });

  it("that is pulled out is missed at once, and serves again when it is back, by the same process", async () => {
    const one = open();
    await sign(one);
    const { pid } = one.host;
    reader.set("absent", "");
    await expect(sign(one)).rejects.toMatchObject({ code: "IDENTITY_ABSENT" });
    expect(await one.keeper.isPresent(token)).toBe(false);
    expect(await one.keeper.isReady(token)).toBe(false);
    reader.set("absent");
    await sign(one);
    expect(await one.keeper.isReady(token)).toBe(true);
    expect(one.host.pid).toBe(pid);
  });
});

describe("logging out", () => {
  it("ends what is under way and what waits, and nobody is asked for a PIN because of it", async () => {
    const one = open();
    await sign(one);
    reader.set("slow", "300");
    const results = Promise.allSettled(Array.from({ length: 5 }, () => sign(one)));
    one.keeper.logout();
    for (const result of await results) expect(result).toMatchObject({ status: "rejected", reason: { code: "IDENTITY_PIN" } });
    expect(one.questions).toHaveLength(1);
    reader.set("slow");
    await sign(one);
    expect(one.questions).toHaveLength(2);
  });
});

describe("a module that", () => {
  it.each(["long", "negative", "empty", "die"])(
    "answers a signature with nonsense (%s) costs that signature, and the next is right",
    async (how) => {
      const one = open();
      await sign(one);
      reader.set("answer", how);
      await expect(sign(one)).rejects.toMatchObject({ code: "IDENTITY_MODULE" });
      reader.set("answer");
      expect((await sign(one)).signature.length).toBeGreaterThan(60);
      await expect.poll(() => childrenOf(process.pid)).toHaveLength(1);
    },
  );

  it("fails in general is loaded anew", async () => {
    const one = open();
    await sign(one);
    const { pid } = one.host;
    reader.set("once-sign", "5");
    await expect(sign(one)).rejects.toMatchObject({ code: "IDENTITY_MODULE" });
    await sign(one);
    expect(one.host.pid).not.toBe(pid);
  });

  it("dies while twenty signatures wait costs none of the others more than a new start", async () => {
    const one = open();
    await sign(one);
    reader.set("slow", "50");
    const waiting = Array.from({ length: 20 }, () => sign(one));
    await waiting[0];
    process.kill(one.host.pid ?? 0, "SIGKILL");
    const results = await Promise.allSettled(waiting);
    expect(results.filter(({ status }) => status === "rejected")).toEqual([]);
    expect(one.questions).toHaveLength(2);
    await expect.poll(() => childrenOf(process.pid)).toHaveLength(1);
  });
});

/** Living ones; those that were killed may be zombies for a moment. */
function childrenOf(pid: number): string[] {
  return fs.readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = fs.readFileSync(`/proc/${name}/stat`, "latin1");
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(parent) === pid && state !== "Z";
    } catch {
      return false;
    }
  });
}
