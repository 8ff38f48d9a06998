import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { portail } from "./cli-rig.suite.ts";

const shipped = resolve(import.meta.dirname, "../../resources/policies");

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "portail-tools-"));
});
afterEach(() => rmSync(cwd, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(cwd, name);
  writeFileSync(path, text);
  return path;
}

describe("portail policy fmt", () => {
  it("writes the one layout, keeps who may read the file, and has nothing to do the second time", async () => {
    const path = write("p.portail", "portail policy 1\npolicy a{when request.port==80 allow}\n");
    chmodSync(path, 0o644);
    expect((await portail(["policy", "fmt", "--check", "p.portail"], { cwd })).code).toBe(1);
    expect((await portail(["policy", "fmt", "p.portail"], { cwd })).code).toBe(0);
    expect(readFileSync(path, "utf8")).toBe("portail policy 1\npolicy a {\n  when request.port == 80\n  allow\n}\n");
    expect(statSync(path).mode & 0o777).toBe(0o644);
    expect((await portail(["policy", "fmt", "--check", "p.portail"], { cwd })).code).toBe(0);
  });

  it("leaves a file alone that it cannot read, and says where it is wrong", async () => {
    const path = write("bad.portail", "portail policy 1\npolicy {");
    const { code, stdout } = await portail(["policy", "fmt", "bad.portail"], { cwd });
    expect(code).toBe(2);
    expect(stdout).toMatch(/^bad\.portail:2:\d+: E_SYNTAX/m);
    expect(readFileSync(path, "utf8")).toBe("portail policy 1\npolicy {");
  });

  it("prints instead of writing with --stdout", async () => {
    const before = readFileSync(join(shipped, "small.portail"), "utf8");
    const { code, stdout } = await portail(["policy", "fmt", "--stdout", "small.portail"], { cwd: shipped });
    expect(code).toBe(0);
    expect(stdout).toContain("policy old-wiki {\n");
    expect(readFileSync(join(shipped, "small.portail"), "utf8")).toBe(before);
  });
});
