import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHash } from "node:crypto";
import { describeFunctions, loadPolicy, runTests, vocabulary } from "../policy/index.ts";
import { portail } from "./cli-rig.suite.ts";

const docs = resolve(import.meta.dirname, "../../docs/policy");
const read = (page: string) => readFileSync(join(docs, page), "utf8");

interface Example {
  /** The words behind the language: `file=policy.portail`, `error E_TYPE`. */
  readonly info: string;
  readonly text: string;
}

function examplesOf(page: string): readonly Example[] {
  return [...read(page).matchAll(/^```portail([^\n]*)\n([\s\S]*?)^```$/gm)].map(([, info = "", text = ""]) => ({
    info: info.trim(),
    text,
  }));
}

function load(text: string) {
  return loadPolicy(text, { file: "example.portail", hash: (content) => createHash("sha256").update(content).digest("hex") });
}

describe("the reference of the policy language", () => {
  const examples = examplesOf("reference.md");

  it.each(examples.filter(({ info }) => info === "").map(({ text }) => [text]))(
    "has a whole example that loads without a word and passes: %j",
    (text) => {
      const { policy, problems } = load(text);
      expect(problems).toEqual([]);
      expect(policy && runTests(policy).filter(({ passed }) => !passed)).toEqual([]);
    },
  );

  it.each(
    examples
      .filter(({ info }) => info === "conditions")
      .flatMap(({ text }) =>
        text
          .trim()
          .split("\n")
          .map((line) => [line]),
      ),
  )("has a condition that is right: %s", (condition) => {
    expect(load(`portail policy 1\npolicy p { when ${condition} allow }`).problems).toEqual([]);
  });

  it.each(examples.filter(({ info }) => /^(?:error|warning) /.test(info)).map(({ info, text }) => [info, text]))(
    "shows what gives %s",
    (info, text) => {
      const [severity, code] = info.split(" ");
      expect(load(text).problems.map((problem) => `${problem.severity} ${problem.code}`)).toContain(`${severity} ${code}`);
    },
  );

  it("lists every word and every function", async () => {
    const words = [...vocabulary.values()].map(
      ({ path, type, optional, class: cls }) => `| \`${path}\` | ${type.replaceAll("<", "&lt;")}${optional ? "?" : ""} | ${cls} |`,
    );
    const functions = describeFunctions().flatMap(({ signatures }) => signatures.map((signature) => `* \`${signature}\``));
    const page = withSection(read("reference.md"), "attributes", ["", "| word | type | class |", "| --- | --- | --- |", ...words, ""]);
    await expect(withSection(page, "functions", ["", ...functions, ""])).toMatchFileSnapshot(join(docs, "reference.md"));
  });
});

function withSection(page: string, name: string, lines: readonly string[]): string {
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
  return `${page.slice(0, page.indexOf(begin) + begin.length)}\n${lines.join("\n")}\n${page.slice(page.indexOf(end))}`;
}

describe("the tutorial", () => {
  let cwd: string;
  beforeAll(() => {
    cwd = mkdtempSync(join(tmpdir(), "portail-tutorial-"));
  });
  afterAll(() => rmSync(cwd, { recursive: true }));

  it("prints what it says, command by command", { timeout: 60_000 }, async () => {
    let page = "";
    for (const part of read("tutorial.md").split(/(^```(?:portail|console)[^\n]*\n[\s\S]*?^```$)/m)) {
      const file = /^```portail file=(\S+)\n([\s\S]*)```$/.exec(part);
      if (file !== null) writeFileSync(join(cwd, file[1] ?? ""), file[2] ?? "");
      page += part.startsWith("```console") ? await run(part) : part;
    }
    await expect(page).toMatchFileSnapshot(join(docs, "tutorial.md"));
  });

  /** The commands of one block with what they print now. */
  async function run(block: string): Promise<string> {
    const lines: string[] = [];
    for (const [, command = ""] of block.matchAll(/^\$ portail (.*)$/gm)) {
      const { stdout, stderr } = await portail(command.split(" "), { cwd });
      const said = (stdout + stderr).trimEnd();
      lines.push(`$ portail ${command}`, ...(said === "" ? [] : said.split("\n")));
    }
    return `\`\`\`console\n${lines.join("\n")}\n\`\`\``;
  }
});
