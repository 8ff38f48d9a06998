import { describe, expect, it } from "vitest";
import { cursorIn, Editor, uri } from "./editor.suite.ts";

const policy = `portail policy 1
set forges = hosts ["git.corp.example"]
policy git-push {
  when request.host in forges
  require disk: device.disk.encrypted else deny say "Turn on disk encryption."
  allow log full
}
fixture ssh { request.host: "git.corp.example", device.disk.encrypted: true }
test "push" { given ssh expect allow by git-push }
test "no disk" { given ssh, { device.disk.encrypted: false } expect deny needs disk }
`;

describe("a session", () => {
  it("begins with initialize and refuses everything before", () => {
    const editor = new Editor();
    expect(editor.request("textDocument/hover", {}).error?.code).toBe(-32002);
    expect(editor.ask("initialize", { capabilities: {} })).toMatchObject({
      capabilities: { hoverProvider: true, positionEncoding: "utf-16" },
      serverInfo: { name: "portail" },
    });
  });

  it("ends well when shutdown came before exit, and not otherwise", () => {
    const polite = Editor.on(policy);
    expect(polite.ask("shutdown")).toBeNull();
    expect(polite.request("textDocument/hover", {}).error?.code).toBe(-32600);
    polite.notify("exit");
    expect(polite.server.ended).toEqual({ well: true });
    const rude = Editor.on(policy);
    rude.notify("exit");
    expect(rude.server.ended).toEqual({ well: false });
  });

  it("refuses what it does not know by its number, and goes on", () => {
    const editor = Editor.on(policy);
    expect(editor.request("textDocument/rename", {}).error?.code).toBe(-32601);
    expect(editor.request("textDocument/hover", { textDocument: 7 }).error?.code).toBe(-32602);
    editor.send({ id: 99, method: 7 });
    expect(editor.said.at(-1)).toMatchObject({ id: 99, error: { code: -32600 } });
    editor.write(new TextEncoder().encode("Content-Length: 4\r\n\r\n{{{{"));
    expect(editor.said.at(-1)).toMatchObject({ id: null, error: { code: -32700 } });
    editor.notify("$/whatever", {});
    expect(editor.symbols()).toHaveLength(5);
  });

  it("answers nothing for a document that is not open", () => {
    const editor = Editor.on(policy);
    editor.notify("textDocument/didClose", { textDocument: { uri } });
    expect(editor.diagnostics).toEqual([]);
    expect(editor.hover({ line: 1, character: 5 })).toBeNull();
    expect(editor.runTests()).toBeNull();
  });
});

describe("diagnostics", () => {
  it("come at once when a file is opened, with code, hint and place", () => {
    const editor = Editor.on(policy.replace("device.disk.encrypted else", "device.disk.encrypt else"));
    expect(editor.diagnostics).toEqual([
      {
        range: { start: { line: 4, character: 16 }, end: { line: 4, character: 35 } },
        severity: 1,
        code: "E_UNKNOWN_ATTR",
        source: "portail",
        message: "unknown attribute 'device.disk.encrypt'\ndid you mean 'device.disk.encrypted'?",
      },
    ]);
  });

  it("wait for a pause while somebody types, and tell of the last text only", () => {
    const editor = Editor.on(policy);
    const before = editor.said.length;
    for (const text of ["x", "y", "z"]) editor.change(text, { line: 2, character: 7 });
    expect(editor.said.length).toBe(before);
    expect(editor.clock.waiting).toBe(1);
    editor.clock.pass(100);
    expect(editor.said.length).toBe(before + 1);
    expect(editor.said.at(-1)?.params?.version).toBe(4);
    expect(editor.diagnostics.map(({ code }) => code)).toEqual(["E_UNKNOWN_NAME"]);
  });

  it("wait longer for a text that takes long to check", () => {
    const editor = Editor.on(policy);
    editor.change(`${policy}${"# filler\n".repeat(30_000)}`);
    const before = editor.said.length;
    editor.clock.pass(100);
    expect(editor.said.length).toBe(before);
    editor.clock.pass(500);
    expect(editor.said.length).toBe(before + 1);
  });

  it("count columns in UTF-16 units, as the protocol does", () => {
    const editor = Editor.on('portail policy 1\npolicy x { deny say "😀😀" nonsense }\n');
    expect(editor.diagnostics[0]?.range).toEqual({ start: { line: 1, character: 27 }, end: { line: 1, character: 35 } });
  });

  it("lie where the editor has its lines, whatever ends them", () => {
    const crlf = Editor.on("portail policy 1\r\n\r\npolicy x { nonsense }\r\n");
    expect(crlf.diagnostics[0]?.range.start).toEqual({ line: 2, character: 11 });
    const cr = Editor.on("portail policy 1\r\rpolicy x { nonsense }\r");
    expect(cr.diagnostics[0]?.range.start).toEqual({ line: 2, character: 11 });
    const marked = Editor.on("\uFEFFportail policy 2");
    expect(marked.diagnostics[0]?.range.start).toEqual({ line: 0, character: 16 });
  });

  it("are gone when a file is closed", () => {
    const editor = Editor.on("nonsense");
    expect(editor.diagnostics).toHaveLength(1);
    editor.notify("textDocument/didClose", { textDocument: { uri } });
    expect(editor.diagnostics).toEqual([]);
  });

  it("see a set's file anew when the policy is saved", () => {
    const found = new Map<string, string>();
    const digest = "0".repeat(64);
    const editor = Editor.on(`portail policy 1\nset bad = hosts from "sha256:${digest}"\npolicy x { when request.host in bad deny }\n`, {
      hash: () => digest,
      readSet: (from, reference) => found.get(`${from} ${reference}`),
    });
    expect(editor.diagnostics.map(({ code }) => code)).toContain("E_SET");
    found.set(`${uri} sha256:${digest}`, "bad.example\n");
    editor.notify("textDocument/didSave", { textDocument: { uri } });
    expect(editor.diagnostics).toEqual([]);
  });
});

describe("quick fixes", () => {
  it("write the word that was meant", () => {
    const editor = Editor.on(policy.replace("device.disk.encrypted else", "device.disk.encrypt else"));
    const [fix] = editor.fixes(4);
    expect(fix?.title).toBe("Write 'device.disk.encrypted'");
    const [edit] = fix?.edit.changes[uri] ?? [];
    editor.change(edit?.newText ?? "", edit?.range.start, edit?.range.end);
    editor.clock.pass(1000);
    expect(editor.diagnostics).toEqual([]);
  });

  it("write a function's name without touching its arguments", () => {
    const editor = Editor.on('portail policy 1\npolicy x { when request.host.endsWit("endsWit") deny }\n');
    const [edit] = editor.fixes(1)[0]?.edit.changes[uri] ?? [];
    editor.change(edit?.newText ?? "", edit?.range.start, edit?.range.end);
    editor.clock.pass(1000);
    expect(editor.diagnostics).toEqual([]);
  });

  it("allow a warning with a comment above its line, which silences it", () => {
    const editor = Editor.on(`${policy}  set unused = ["x"]\n`);
    expect(editor.diagnostics).toMatchObject([{ code: "W_UNUSED", severity: 2, tags: [1] }]);
    const [edit] = editor.fixes(10)[0]?.edit.changes[uri] ?? [];
    expect(edit?.newText).toBe("  # portail: allow W_UNUSED\n");
    editor.change(edit?.newText ?? "", edit?.range.start, edit?.range.end);
    editor.clock.pass(1000);
    expect(editor.diagnostics).toEqual([]);
  });

  it("join a comment that allows something already", () => {
    const editor = Editor.on(`${policy}# portail: allow W_NEVER\nset unused = ["x"]\n`);
    const [edit] = editor.fixes(11)[0]?.edit.changes[uri] ?? [];
    editor.change(edit?.newText ?? "", edit?.range.start, edit?.range.end);
    editor.clock.pass(1000);
    expect(editor.diagnostics).toEqual([]);
  });

  it("are offered on the problem's own line only", () => {
    const editor = Editor.on(policy.replace("device.disk.encrypted else", "device.disk.encrypt else"));
    expect(editor.fixes(3)).toEqual([]);
  });
});

describe("definition", () => {
  it.each([
    ["  when request.host in for|ges", "set forges"],
    ["given s|sh expect", "fixture ssh"],
    ["by git-p|ush", "policy git-push"],
    ["needs d|isk", "require disk"],
  ])("of %s is where it is written", (marked, written) => {
    const around = marked.replace("|", "");
    const at = policy.indexOf(around) + marked.indexOf("|");
    const { position } = cursorIn(`${policy.slice(0, at)}|${policy.slice(at)}`);
    const { position: start } = cursorIn(policy.replace(written, (found) => found.replace(/ (?=\S+$)/, " |")));
    expect(Editor.on(policy).definition(position)).toMatchObject({ uri, range: { start } });
  });

  it("of what is built in is nowhere", () => {
    expect(Editor.on(policy).definition({ line: 3, character: 12 })).toBeNull();
  });
});

describe("outline, folding and layout", () => {
  it("lists every block, and requirements below their policy", () => {
    const symbols = Editor.on(policy).symbols();
    expect(symbols.map(({ name }) => name)).toEqual(["forges", "git-push", "ssh", "push", "no disk"]);
    expect(symbols[1]?.children?.map(({ name }) => name)).toEqual(["disk"]);
  });

  it("folds blocks, with the closing brace in sight, and comments that stand together", () => {
    expect(Editor.on(`${policy}# one\n# two\n# three\n`).folds()).toEqual([
      { startLine: 2, endLine: 5 },
      { startLine: 10, endLine: 12, kind: "comment" },
    ]);
  });

  it("folds a block that is still broken inside", () => {
    expect(Editor.on("portail policy 1\npolicy x {\n  when when\n  deny\n}\n").folds()).toEqual([{ startLine: 1, endLine: 3 }]);
  });

  it("lays a text out by one edit, after which nothing is left to do", () => {
    const editor = Editor.on(policy.replace("  allow log full", "      allow\n   log full"));
    const edits = editor.edits();
    expect(edits).toHaveLength(1);
    for (const { newText, range } of edits) editor.change(newText, range.start, range.end);
    expect(editor.edits()).toEqual([]);
    editor.clock.pass(1000);
    expect(editor.diagnostics).toEqual([]);
  });

  it("leaves a text alone that cannot be read", () => {
    expect(Editor.on("portail policy 1\npolicy x {   ").edits()).toEqual([]);
  });
});

describe("tests", () => {
  const failing = policy.replace("expect deny needs", "expect allow needs");

  it("run when asked; their failures show as diagnostics and in the lenses", () => {
    const editor = Editor.on(failing);
    expect(editor.diagnostics).toEqual([]);
    expect(editor.lenses().map(({ command }) => command.title)).toEqual(["run 2 tests", "run test", "run test"]);
    expect(editor.runTests()?.map(({ passed }) => passed)).toEqual([true, false]);
    expect(editor.diagnostics).toMatchObject([
      { code: "TEST_FAILED", message: "expected allow, got deny by git-push", range: { start: { line: 9 } } },
    ]);
    expect(editor.lenses().map(({ command }) => command.title)).toEqual([
      "✗ 1 of 2 tests fail",
      "✓ passes",
      "✗ expected allow, got deny by git-push",
    ]);
    expect(editor.said.filter(({ method }) => method === "workspace/codeLens/refresh")).toHaveLength(1);
  });

  it("run again with every later text, once asked for", () => {
    const editor = Editor.on(failing);
    editor.runTests();
    editor.change("deny", { line: 9, character: 68 }, { line: 9, character: 73 });
    editor.clock.pass(1000);
    expect(editor.diagnostics).toEqual([]);
    expect(editor.lenses()[0]?.command.title).toBe("✓ all 2 tests pass");
  });

  it("can be asked for one by one, as a lens does", () => {
    const editor = Editor.on(failing);
    const { command } = editor.lenses()[2] ?? { command: undefined };
    expect(editor.ask("workspace/executeCommand", { command: command?.command, arguments: command?.arguments })).toMatchObject([
      { name: "no disk", passed: false },
    ]);
  });

  it("do not run while the policy has mistakes", () => {
    const editor = Editor.on(failing.replace("allow log full", "alow"));
    expect(editor.runTests()).toBeNull();
    expect(editor.diagnostics.map(({ code }) => code)).not.toContain("TEST_FAILED");
  });
});
