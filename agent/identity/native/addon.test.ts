import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { beforeAll, describe, expect, it } from "vitest";
import { addonPath, buildNativePart } from "../token/token-rig.suite.ts";

beforeAll(() => buildNativePart());

/** Runs `code` in a process of its own, as a user who is not root: root's processes belong to root in any case. */
function asNobody(code: string): string {
  const words = ["-e", `const addon = require(${JSON.stringify(addonPath)}); const fs = require("node:fs"); ${code}`];
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: "utf8", cwd: "/", uid: 65534, gid: 65534 });
  return stdout + stderr;
}

describe("forbidDumps", () => {
  it.skipIf(process.platform !== "linux" || process.getuid?.() !== 0)(
    "leaves no core file and no memory to read for others of the same user",
    () => {
      // The kernel gives a process that cannot be dumped to root.
      expect(asNobody(`console.log(fs.statSync("/proc/self/status").uid)`)).toBe("65534\n");
      expect(asNobody(`console.log(addon.forbidDumps(), fs.statSync("/proc/self/status").uid)`)).toBe("true 0\n");
      expect(asNobody(`addon.forbidDumps(); console.log(fs.readFileSync("/proc/self/limits", "utf8"))`)).toMatch(
        /^Max core file size\s+0\s+0 /m,
      );
    },
  );
});

describe("login", () => {
  const addon = (): { login(...words: readonly unknown[]): unknown } => createRequire(import.meta.url)(addonPath) as never;
  const session = Buffer.alloc(8);

  it.each([
    ["too few words", ["/lib/x.so", session, 1]],
    ["no path", [7, session, 1, null]],
    ["a path without end", ["x".repeat(5000), session, 1, null]],
    ["a session of another length", ["/lib/x.so", Buffer.alloc(4), 1, null]],
    ["no session", ["/lib/x.so", "session", 1, null]],
    ["no kind of user", ["/lib/x.so", session, "user", null]],
    ["an empty PIN, which a module would take for none", ["/lib/x.so", session, 1, Buffer.alloc(0)]],
    ["a PIN that is a string", ["/lib/x.so", session, 1, "1234"]],
    ["a PIN that is forgotten", ["/lib/x.so", session, 1, undefined]],
    ["a module that nobody has loaded", ["/lib/x.so", session, 1, null]],
  ])("refuses %s", (_what, words) => {
    expect(() => addon().login(...words)).toThrow();
  });

  it("refuses a library that is loaded and is no module", () => {
    expect(() => addon().login(addonPath, session, 1, null)).toThrow("the module is not loaded");
  });
});
