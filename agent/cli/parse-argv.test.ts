import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commands } from "./commands.ts";
import { flagsOf, parseArgv } from "./parse-argv.ts";
import { UsageMistake } from "./usage-mistake.ts";

const parse = (line: string) =>
  parseArgv(
    line.split(" ").filter((word) => word !== ""),
    commands,
  );

function mistakeIn(line: string): string {
  try {
    parse(line);
  } catch (cause) {
    if (cause instanceof UsageMistake) return [cause.message, cause.hint].filter((part) => part !== undefined).join(" | ");
    throw cause;
  }
  return "none";
}

describe("words and flags", () => {
  it("may stand in any order, and a value may follow `=` or a blank", () => {
    for (const line of ["explain --host h --port 22 --json", "--json explain --port=22 --host=h", "--host h explain --json --port 22"]) {
      const parsed = parse(line);
      if (parsed.kind !== "run") throw new Error("no command");
      expect(parsed.command.words).toEqual(["explain"]);
      expect([parsed.words.value("host"), parsed.words.value("port"), parsed.words.has("json")]).toEqual(["h", "22", true]);
    }
  });

  it("choose the longest command that fits", () => {
    expect(parse("audit verify")).toMatchObject({ command: { words: ["audit", "verify"] } });
    expect(parse("audit")).toMatchObject({ command: { words: ["audit"] } });
  });

  it("behind `--` are no flags any more", () => {
    const parsed = parse("connections close -- --strange-id");
    expect(parsed).toMatchObject({ kind: "run", words: { operands: ["--strange-id"] } });
  });

  it("of help lead to help, wherever they stand", () => {
    expect(parse("")).toEqual({ kind: "help", topic: [] });
    expect(parse("help")).toEqual({ kind: "help", topic: [] });
    expect(parse("policy check -h")).toEqual({ kind: "help", topic: ["policy", "check"] });
    expect(parse("--help policy")).toEqual({ kind: "help", topic: ["policy"] });
    expect(parse("help explain 7F3K")).toEqual({ kind: "help", topic: ["explain"] });
    expect(parse("--version")).toMatchObject({ command: { words: ["version"] } });
  });
});

describe("a mistake is named with what to write instead", () => {
  it.each([
    ["statsu", 'there is no command "statsu" | did you mean portail status?'],
    ["xyzzy", 'there is no command "xyzzy" | `portail help` lists them all'],
    ["help statsu", 'there is no command "statsu" | did you mean portail status?'],
    ["policy", "portail policy needs a word behind it | one of: check, fmt, test, explain, diff, lsp, bench, import, show, whatif"],
    ["policy tset x", "there is no command portail policy tset | did you mean portail policy test?"],
    ["status --jsn", "there is no flag --jsn | did you mean --json?"],
    ["status -j", "there is no flag -j"],
    ["status --json=yes", "--json takes no value"],
    ["status --wait", "--wait needs a value | --wait SECONDS"],
    ["status --follow", "portail status takes no flag --follow"],
    ["status now", 'portail status does not know what to do with "now"'],
    ["explain --expect alow", '--expect cannot be "alow" | did you mean allow?'],
    ["explain --host a --host b", "--host stands there twice"],
    ["connections close", "portail connections close needs ID: its id or incident, from `portail connections`"],
    ["holds resolve 1 perhaps", 'ACTION cannot be "perhaps" | one of: continue, refuse'],
    ["--json", "the command is missing | `portail help` lists them all"],
  ])("%s", (line, mistake) => {
    expect(mistakeIn(line)).toBe(mistake);
  });

  it("and no words whatever lead to anything but a command, help or such a mistake", () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom("policy", "check", "--json", "--host", "--", "-h", "help", "audit", "--set", "a=b", "__proto__", "--constructor"),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (argv) => {
        try {
          expect(["run", "help"]).toContain(parseArgv(argv, commands).kind);
        } catch (cause) {
          expect(cause).toBeInstanceOf(UsageMistake);
        }
      }),
    );
  });
});

it("a flag of one name takes a value everywhere or nowhere", () => {
  const takesValue = new Map<string, boolean>();
  for (const flag of commands.flatMap((command) => flagsOf(command))) {
    expect(takesValue.get(flag.name) ?? flag.value !== undefined, flag.name).toBe(flag.value !== undefined);
    takesValue.set(flag.name, flag.value !== undefined);
  }
});
