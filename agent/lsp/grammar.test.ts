/** The TextMate grammar, read as editors read it, against the lexer and the language server's own idea of a place. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import oniguruma from "vscode-oniguruma";
import { type IGrammar, INITIAL, parseRawGrammar, Registry } from "vscode-textmate";
import { files, uri } from "./editor.suite.ts";
import { meaningAt } from "./meaning.ts";
import { PolicyView } from "./policy-view.ts";
import { languageWords } from "./words.ts";

const root = resolve(import.meta.dirname, "../..");
const grammarPath = join(root, "resources/editor/vscode/portail.tmLanguage.json");
const policies = ["agency", "default", "small"].map((name) => readFileSync(join(root, `resources/policies/${name}.portail`), "utf8"));

let grammar: IGrammar;

beforeAll(async () => {
  const wasm = readFileSync(createRequire(import.meta.url).resolve("vscode-oniguruma/release/onig.wasm"));
  await oniguruma.loadWASM(wasm);
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: () => Promise.resolve(parseRawGrammar(readFileSync(grammarPath, "utf8"), grammarPath)),
  });
  const loaded = await registry.loadGrammar("source.portail");
  if (loaded === null) throw new Error("the grammar cannot be read");
  grammar = loaded;
});

/** The scopes at an offset, joined. */
function scopesOf(text: string): (offset: number) => string {
  const starts: number[] = [];
  const scopes: string[] = [];
  let stack = INITIAL;
  let at = 0;
  for (const line of text.split("\n")) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, stack);
    stack = ruleStack;
    for (const token of tokens) {
      starts.push(at + token.startIndex);
      scopes.push(token.scopes.slice(1).join(" "));
    }
    at += line.length + 1;
  }
  return (offset) => scopes[starts.findLastIndex((start) => start <= offset)] ?? "";
}

function scopeIn(text: string, part: string): string {
  return scopesOf(text)(text.indexOf(part));
}

describe("the grammar", () => {
  it("colours every comment, string, number and word of the shipped policies as what the language takes it for", () => {
    for (const text of policies) {
      const view = new PolicyView(uri, text, files);
      const scopeAt = scopesOf(text);
      const wrong: string[] = [];
      const judge = (offset: number, what: string, fits: RegExp): void => {
        if (!fits.test(scopeAt(offset))) wrong.push(`${what} is ${scopeAt(offset) || "plain"}`);
      };
      for (const { offset, text: comment } of view.comments) judge(offset, comment, /^comment\.line/);
      for (const { kind, offset, text: token } of view.tokens) {
        if (kind === "string") judge(offset, token, /^string\.quoted/);
        if (kind === "regex") judge(offset, token, /^string\.regexp/);
        if (kind === "duration") judge(offset, token, /^constant\.numeric\.duration/);
        if (kind === "int" || kind === "double") judge(offset, token, /^(?:constant\.numeric|entity\.name)/);
        if (kind === "word") judge(offset, token, fitting(meaningAt(view, offset)?.kind));
      }
      expect(wrong).toEqual([]);
      expect(view.tokens.length).toBeGreaterThan(20);
    }
  });

  /** What a word may look like, by what it means. */
  function fitting(meaning: NonNullable<ReturnType<typeof meaningAt>>["kind"] | undefined): RegExp {
    switch (meaning) {
      case "attribute":
        return /variable\.other\.attribute/;
      case "function":
        return /support\.function/;
      case "item":
        return /entity\.name|variable\.other\.portail/;
      case "label":
        return /entity\.name\.label/;
      case "word":
        return /keyword|storage|constant|support/;
      case undefined:
        return /./;
    }
  }

  it("knows every word of the language", () => {
    const plain = languageWords.filter((word) => !/keyword|storage|constant|support/.test(scopesOf(` ${word} `)(1)));
    expect(plain).toEqual([]);
  });

  it.each([
    ['when request.path =~ /a\\/b"/ and "x" == "y"', "/a", "string.regexp"],
    ["when 10 / 2 == 5", "/ 2", "keyword.operator"],
    ['when request.host == "git.corp.example"', "git.corp", "constant.other.host"],
    ['when request.host in ["**.corp.example"]', "**.corp", "constant.other.host"],
    ['when request.ip in ["10.0.0.0/8"]', "10.0", "constant.other.host"],
    ['lifeline idp "sso.corp.example:443"', "sso.corp", "constant.other.host"],
    ['say "Turn on disk encryption."', "Turn", "string.quoted.double"],
    ['say "a # b"', "# b", "string.quoted.double"],
    ['say "a \\" when"', "when", "string.quoted.double"],
    ["allow for 1h30m", "1h30m", "constant.numeric.duration"],
    ["when user.auth_age <= 500ms", "500ms", "constant.numeric.duration"],
    ["# portail: allow W_UNUSED", "portail: allow", "keyword.other.allow"],
    ["policy set { deny }", "set", "entity.name.function"],
    ["expect deny by keep-log needs full", "keep-log", "entity.name.function"],
    ["when strong-1 > 2", "strong", "variable.other"],
    ['when user.amr.exists(m, m == "hwk")', "user.amr", "variable.other.attribute"],
    ['when user.amr.exists(m, m == "hwk")', "exists", "support.function"],
    ["attribute a.b: list<string> { optional }", "string>", "support.type"],
    ["attribute a.b: list<string> { class secret }", "secret", "support.constant.class"],
    ['test "a title" { given alice }', "a title", "entity.name.section"],
    ['test "a title" { given alice }', "given", "keyword.control"],
    ["reveal page to user { show class(public, internal) }", "internal", "support.constant.class"],
  ])("reads %s", (line, part, scope) => {
    expect(scopeIn(line, part)).toContain(scope);
  });

  it("ends a broken string with its line, so that the rest of the file keeps its colours", () => {
    expect(scopeIn('policy x { deny say "open\n}\nguard y { when true deny }', "guard")).toContain("storage.type");
  });
});
