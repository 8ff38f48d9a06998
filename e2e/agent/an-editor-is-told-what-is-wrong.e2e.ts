import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { eventually, expect, test } from "../rig/index.ts";
import { portailPath, root } from "../rig/agent.ts";

interface Said {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly uri: string; readonly diagnostics: readonly { readonly code: string; readonly message: string }[] };
  readonly result?: unknown;
}

/** An editor in a few lines: frames to the built product and back. */
class Editor {
  readonly child: ChildProcess;
  readonly said: Said[] = [];
  readonly ended: Promise<number | null>;
  #held = Buffer.alloc(0);
  #asked = 0;

  constructor() {
    this.child = spawn(portailPath, ["policy", "lsp"], { stdio: ["pipe", "pipe", "inherit"] });
    this.child.stdout?.on("data", (chunk: Buffer) => this.#read(chunk));
    this.child.stdin?.on("error", () => undefined);
    this.ended = new Promise((resolve) => this.child.once("close", resolve));
  }

  write(text: string | Buffer): void {
    this.child.stdin?.write(text);
  }

  send(message: object): void {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  async ask<T>(method: string, params?: object): Promise<T> {
    this.#asked += 1;
    const id = this.#asked;
    this.send({ id, method, params });
    const answer = await eventually(() => {
      const found = this.said.find((one) => one.id === id && one.method === undefined);
      if (found === undefined) throw new Error(`no answer to ${method}`);
      return found;
    });
    return answer.result as T;
  }

  async open(uri: string, text: string): Promise<void> {
    await this.ask("initialize", { capabilities: {} });
    this.send({ method: "initialized", params: {} });
    this.send({ method: "textDocument/didOpen", params: { textDocument: { uri, languageId: "portail", version: 1, text } } });
  }

  /** Waits until the newest diagnostics have exactly these codes. */
  async codes(...codes: readonly string[]): Promise<void> {
    await eventually(() => {
      const newest = this.said.findLast(({ method }) => method === "textDocument/publishDiagnostics");
      expect(newest?.params?.diagnostics.map(({ code }) => code)).toEqual(codes);
    });
  }

  #read(chunk: Buffer): void {
    this.#held = Buffer.concat([this.#held, chunk]);
    for (;;) {
      const [header, length] = /^Content-Length: (\d+)\r\n\r\n/.exec(this.#held.toString("latin1", 0, 100)) ?? [];
      if (header === undefined || this.#held.length < header.length + Number(length)) return;
      this.said.push(JSON.parse(this.#held.toString("utf8", header.length, header.length + Number(length))) as Said);
      this.#held = this.#held.subarray(header.length + Number(length));
    }
  }
}

const policy = fs.readFileSync(path.join(root, "resources/policies/agency.portail"), "utf8");

test("a whole session: mistakes while typing, hover, layout, tests, goodbye", async ({ lab }) => {
  const editor = new Editor();
  const uri = pathToFileURL(path.join(lab.dir, "agency.portail")).href;
  const textDocument = { uri };
  await editor.open(uri, policy);
  const warnings = await eventually(() => editor.said.findLast(({ method }) => method !== undefined)?.params?.diagnostics ?? []);
  expect(warnings.filter(({ code }) => code.startsWith("E_"))).toEqual([]);

  const line = policy.split("\n").findIndex((one) => one.includes("device.disk.encrypted  "));
  const character = policy.split("\n")[line]?.indexOf("encrypted  ") ?? 0;
  const end = { line, character: character + "encrypted".length };
  const hover = await editor.ask<{ contents: { value: string } }>("textDocument/hover", { textDocument, position: { line, character } });
  expect(hover.contents.value).toContain("device.disk.encrypted: bool");

  const change = (text: string, from: object, to: object, version: number): void =>
    editor.send({
      method: "textDocument/didChange",
      params: { textDocument: { uri, version }, contentChanges: [{ range: { start: from, end: to }, text }] },
    });
  change("", { line, character: character + 7 }, end, 2);
  await eventually(() => {
    const newest = editor.said.findLast(({ method }) => method === "textDocument/publishDiagnostics");
    const mistake = newest?.params?.diagnostics.find(({ code }) => code === "E_UNKNOWN_ATTR");
    expect(mistake?.message).toContain("did you mean 'device.disk.encrypted'?");
  });
  change("encrypted", { line, character }, { line, character: character + 7 }, 3);

  const results = await editor.ask<readonly { readonly passed: boolean }[]>("workspace/executeCommand", {
    command: "portail.runTests",
    arguments: [uri],
  });
  expect(results.length).toBeGreaterThan(20);
  expect(results.every(({ passed }) => passed)).toBe(true);
  expect(await editor.ask<readonly object[]>("textDocument/formatting", { textDocument, options: {} })).toHaveLength(1);

  expect(await editor.ask("shutdown")).toBeNull();
  editor.send({ method: "exit" });
  expect(await editor.ended).toBe(0);
});

test("a set's file beside the policy is read, and a policy that was never saved has none", async ({ lab }) => {
  const hosts = "bad.example\n";
  const digest = createHash("sha256").update(hosts).digest("hex");
  fs.mkdirSync(path.join(lab.dir, "sets"));
  fs.writeFileSync(path.join(lab.dir, "sets", digest), hosts);
  const text = `portail policy 1\nset bad = hosts from "sha256:${digest}"\npolicy x { when request.host in bad deny }\n`;
  for (const [uri, isFound] of [
    [pathToFileURL(path.join(lab.dir, "policy.portail")).href, true],
    ["untitled:Untitled-1", false],
  ] as const) {
    const editor = new Editor();
    await editor.open(uri, text);
    await eventually(() => {
      const said = editor.said.find(({ method }) => method === "textDocument/publishDiagnostics");
      if (said === undefined) throw new Error("no diagnostics yet");
      expect(said.params?.diagnostics.some(({ code }) => code === "E_SET")).toBe(!isFound);
    });
    editor.child.stdin?.end();
    expect(await editor.ended).toBe(1);
  }
});

test("rubbish on its input does not end it; the end of its input and Ctrl-C do", async () => {
  const editor = new Editor();
  editor.write(Buffer.from([0, 255, 13, 10, 13, 10, 123]));
  editor.write("Content-Length: 7\r\n\r\n{{{{{{{");
  await editor.open("untitled:one", "nonsense");
  await editor.codes("E_SYNTAX");
  editor.child.stdin?.end();
  expect(await editor.ended).toBe(1);

  const interrupted = new Editor();
  await interrupted.open("untitled:one", "nonsense");
  await interrupted.codes("E_SYNTAX");
  interrupted.child.kill("SIGINT");
  expect(await interrupted.ended).toBe(1);
});
