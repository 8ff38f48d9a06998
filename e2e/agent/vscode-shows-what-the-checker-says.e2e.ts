import fs from "node:fs";
import Module, { createRequire } from "node:module";
import path from "node:path";
import { eventually, expect, test } from "../rig/index.ts";
import { portailPath, root } from "../rig/agent.ts";
import { standInForVsCode, type StandInDocument, type VsCode } from "../rig/vscode-stand-in.ts";

const folder = path.join(root, "resources/editor/vscode");

interface Extension {
  activate(context: { readonly subscriptions: { dispose(): void }[] }): void;
  deactivate(): Promise<void>;
}

/** Run the extension as it lies in its folder, in a VS Code that is not there. */
async function withExtension(settings: Readonly<Record<string, string>>, run: (vscode: VsCode) => Promise<void>): Promise<void> {
  const vscode = standInForVsCode(settings);
  const loader = Module as unknown as { _load: (request: string, ...rest: readonly unknown[]) => unknown };
  const load = loader._load;
  loader._load = (request, ...rest) => (request === "vscode" ? vscode.module : load.call(loader, request, ...rest));
  const require = createRequire(import.meta.url);
  const entry = path.join(folder, "extension.js");
  const subscriptions: { dispose(): void }[] = [];
  try {
    delete require.cache[entry];
    const extension = require(entry) as Extension;
    extension.activate({ subscriptions });
    await run(vscode);
    await extension.deactivate();
  } finally {
    loader._load = load;
    for (const one of subscriptions) one.dispose();
    vscode.dispose();
  }
}

const policy = `portail policy 1
policy git {
  when request.host == "git.corp.example" and user.signed_in
  allow
}
# one
# two
test "closed" { expect allow }
`;
const uri = "file:///nowhere/policy.portail";

test("mistakes, hover, completion, fixes, layout, outline, folding and tests arrive in VS Code's own words", async () => {
  await withExtension({ path: portailPath }, async (vscode) => {
    const document = vscode.open(uri, policy);
    const ask = async <T>(provider: string, method: string, ...more: readonly unknown[]): Promise<T> =>
      (await vscode.providers.get(provider)?.[method]?.(document satisfies StandInDocument, ...more)) as T;

    await eventually(() => expect(vscode.diagnostics.get(uri)).toEqual([]));
    const hover = await ask<{ contents: { value: string } }>("hover", "provideHover", { line: 2, character: 10 });
    expect(hover.contents.value).toContain("request.host: host");
    const items = await ask<{ label: string; kind: string }[]>("completion", "provideCompletionItems", { line: 2, character: 7 });
    expect(items).toContainEqual(expect.objectContaining({ label: "user.groups", kind: "field" }));
    const symbols = await ask<{ name: string; kind: number }[]>("symbols", "provideDocumentSymbols");
    expect(symbols.map(({ name }) => name)).toEqual(["git", "closed"]);
    const folds = await ask<{ start: number; end: number; kind?: string }[]>("folds", "provideFoldingRanges");
    expect(folds).toContainEqual(expect.objectContaining({ start: 5, end: 6, kind: "comment" }));
    expect(await ask("layout", "provideDocumentFormattingEdits", { tabSize: 2, insertSpaces: true })).toEqual([]);

    const lenses = await ask<{ command: { title: string; command: string; arguments: string[] } }[]>("lenses", "provideCodeLenses");
    expect(lenses.map(({ command }) => command.title)).toEqual(["run 1 test", "run test"]);
    const [, lens] = lenses;
    await vscode.commands.get(lens?.command.command ?? "")?.(...(lens?.command.arguments ?? []));
    await eventually(() => expect(vscode.diagnostics.get(uri)).toEqual([expect.objectContaining({ code: "TEST_FAILED", severity: 0 })]));

    vscode.type(document, "x", 2, 19);
    const mistake = await eventually(() => {
      const found = vscode.diagnostics.get(uri)?.find(({ code }) => code === "E_UNKNOWN_ATTR");
      if (found === undefined) throw new Error("not told yet");
      return found;
    });
    expect(mistake.range.start).toMatchObject({ line: 2, character: 7 });
    const fixes = await ask<{ title: string; edit: { edits: unknown[] }; diagnostics: unknown[] }[]>(
      "fixes",
      "provideCodeActions",
      mistake.range,
      { diagnostics: [mistake] },
    );
    expect(fixes).toEqual([expect.objectContaining({ title: "Write 'request.host'", diagnostics: [mistake] })]);
    expect(vscode.errors).toEqual([]);
  });
});

test("a checker that is not there is said once, and nothing hangs", async () => {
  await withExtension({ path: "/nowhere/portail" }, async (vscode) => {
    const document = vscode.open(uri, policy);
    await eventually(() => expect(vscode.errors).toEqual([expect.stringContaining("ENOENT")]));
    expect(await vscode.providers.get("hover")?.["provideHover"]?.(document, { line: 2, character: 10 })).toBeNull();
  });
});

test("a program that is something else is shown with its own complaint", async () => {
  await withExtension({ path: "/bin/ls" }, async (vscode) => {
    vscode.open(uri, policy);
    await eventually(() => expect(vscode.errors).toEqual([expect.stringMatching(/could not be run \(.*policy.*\)/s)]));
  });
});

test("everything that the extension's manifest names is there", () => {
  const manifest = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8")) as {
    readonly main: string;
    readonly contributes: {
      readonly languages: readonly { readonly id: string; readonly configuration: string }[];
      readonly grammars: readonly { readonly path: string; readonly scopeName: string }[];
    };
  };
  const files = [manifest.main, ...manifest.contributes.languages.map(({ configuration }) => configuration)];
  for (const file of files) expect(fs.existsSync(path.join(folder, file)), file).toBe(true);
  for (const { path: file, scopeName } of manifest.contributes.grammars) {
    expect(JSON.parse(fs.readFileSync(path.join(folder, file), "utf8"))).toMatchObject({ scopeName });
  }
});
