import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { callNames } from "../contract/index.ts";
import { commands } from "./commands.ts";
import { formatCompletion, type Shell } from "./completion.ts";
import { formatManual } from "./manual.ts";

describe("the table of commands", () => {
  it("has a command for every call of the contract, so that a terminal can do what a screen can", () => {
    expect([...new Set(commands.flatMap((command) => command.calls ?? []))].toSorted()).toEqual(callNames.toSorted());
  });

  it("offers --json wherever something is said that a program could read", () => {
    const without = commands.filter((command) => command.flags?.every((flag) => flag.name !== "json") ?? true);
    expect(without.map((command) => command.words.join(" "))).toEqual([
      "run",
      "policy lsp",
      "audit export",
      "identity unlock",
      "completion",
    ]);
  });

  it("names each command once", () => {
    const names = commands.map((command) => command.words.join(" "));
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(commands.map((command) => [command.words.join(" "), command] as const))("loads %s", async (_, command) => {
    expect(await command.load()).toBeTypeOf("function");
  });

  it("is what docs/cli.md says", async () => {
    await expect(formatManual(commands)).toMatchFileSnapshot("../../docs/cli.md");
  });
});

describe("completion", () => {
  it.each(["bash", "zsh", "fish"] as const)("for %s offers every command and flag that people use", (shell) => {
    const script = formatCompletion(shell, commands);
    for (const command of commands) {
      for (const word of command.words) expect(script).toContain(word);
      for (const flag of command.flags ?? []) expect(script.includes(flag.name), flag.name).toBe(flag.hidden !== true);
    }
  });

  it("works in bash", () => {
    expect(completeInBash(["portail", "pol"])).toEqual(["policy"]);
    expect(completeInBash(["portail", "policy", "ch"])).toEqual(["check"]);
    expect(completeInBash(["portail", "policy", "check", "--js"])).toEqual(["--json"]);
    expect(completeInBash(["portail", "audit", "export", "--format", "o"])).toEqual(["ocsf"]);
    expect(completeInBash(["portail", "--state-dir", "/", "completion", "f"])).toEqual([]);
    expect(completeInBash(["portail", "completion", "f"])).toEqual(["fish"]);
  });
});

/** What bash itself would offer for the last of these words. */
function completeInBash(words: readonly string[], shell: Shell = "bash"): string[] {
  const dir = mkdtempSync(join(tmpdir(), "portail-completion-"));
  try {
    writeFileSync(join(dir, "completion"), formatCompletion(shell, commands));
    const script = `. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }; _portail; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const said = execFileSync("bash", ["-c", script, "bash", join(dir, "completion"), ...words], { encoding: "utf8", cwd: dir });
    return said.split("\n").filter((line) => line !== "" && line !== "completion");
  } finally {
    rmSync(dir, { recursive: true });
  }
}
