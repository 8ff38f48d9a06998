/** An editor for tests: speaks to the server in frames, in the same process, on a clock that stands still. */
import { createHash } from "node:crypto";
import type { TestResult } from "../contract/index.ts";
import { StillClock } from "../testing/index.ts";
import { FrameReader } from "./frame-reader.ts";
import { LanguageServer } from "./language-server.ts";
import type { PolicyFiles } from "./policy-view.ts";
import type { CodeAction, CodeLens, CompletionItem, Diagnostic, FoldingRange, Hover, Location, Position, TextEdit } from "./protocol.ts";

export const uri = "file:///policies/test.portail";

export const files: PolicyFiles = {
  hash: (content) => createHash("sha256").update(content).digest("hex"),
  readSet: () => undefined,
};

/** What the server says, parsed. */
export interface Said {
  readonly id?: number | string | null;
  readonly method?: string;
  readonly params?: { readonly uri: string; readonly diagnostics: readonly Diagnostic[]; readonly version?: number };
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

export class Editor {
  readonly clock = new StillClock();
  readonly said: Said[] = [];
  readonly server: LanguageServer;
  readonly #reader = new FrameReader();
  readonly #own = new FrameReader();
  #version = 1;
  #id = 0;

  constructor(given: Partial<PolicyFiles> = {}) {
    this.server = new LanguageServer({
      clock: this.clock,
      files: { ...files, ...given },
      version: "0.0.0-test",
      send: (frame) => {
        for (const one of this.#own.read(new TextEncoder().encode(frame))) {
          if (one.kind === "bad") throw new Error(`the server wrote a bad frame: ${one.why}`);
          this.said.push(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(one.bytes)) as Said);
        }
      },
    });
  }

  /** An editor that has opened this text. */
  static on(text: string, given: Partial<PolicyFiles> = {}): Editor {
    const editor = new Editor(given);
    editor.ask("initialize", { capabilities: { workspace: { codeLens: { refreshSupport: true } } } });
    editor.notify("initialized", {});
    editor.notify("textDocument/didOpen", { textDocument: { uri, languageId: "portail", version: 1, text } });
    return editor;
  }

  write(bytes: Uint8Array): void {
    for (const frame of this.#reader.read(bytes)) this.server.receive(frame);
  }

  send(message: object): void {
    const body = new TextEncoder().encode(JSON.stringify({ jsonrpc: "2.0", ...message }));
    this.write(new TextEncoder().encode(`Content-Length: ${body.length}\r\n\r\n`));
    this.write(body);
  }

  notify(method: string, params?: object): void {
    this.send({ method, params });
  }

  /** The whole answer. */
  request(method: string, params?: object): Said {
    this.#id += 1;
    const id = this.#id;
    this.send({ id, method, params });
    const answer = this.said.find((one) => one.id === id && one.method === undefined);
    if (answer === undefined) throw new Error(`no answer to ${method}`);
    return answer;
  }

  /** The result, or an error. */
  ask(method: string, params?: object): unknown {
    const { result, error } = this.request(method, params);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  change(text: string, start?: Position, end = start): void {
    this.#version += 1;
    const change = start === undefined ? { text } : { text, range: { start, end } };
    this.notify("textDocument/didChange", { textDocument: { uri, version: this.#version }, contentChanges: [change] });
  }

  /** The diagnostics that were published last. */
  get diagnostics(): readonly Diagnostic[] {
    return this.said.findLast(({ method }) => method === "textDocument/publishDiagnostics")?.params?.diagnostics ?? [];
  }

  completions(position: Position): readonly CompletionItem[] {
    return (this.#at("completion", position) ?? []) as readonly CompletionItem[];
  }

  hover(position: Position): Hover | null {
    return this.#at("hover", position) as Hover | null;
  }

  definition(position: Position): Location | null {
    return this.#at("definition", position) as Location | null;
  }

  folds(): readonly FoldingRange[] {
    return this.#of("foldingRange") as readonly FoldingRange[];
  }

  lenses(): readonly CodeLens[] {
    return this.#of("codeLens") as readonly CodeLens[];
  }

  edits(): readonly TextEdit[] {
    return this.#of("formatting", { options: { tabSize: 2, insertSpaces: true } }) as readonly TextEdit[];
  }

  fixes(line: number): readonly CodeAction[] {
    const range = { start: { line, character: 0 }, end: { line, character: 1000 } };
    return this.#of("codeAction", { range, context: { diagnostics: [] } }) as readonly CodeAction[];
  }

  symbols(): readonly { readonly name: string; readonly children?: readonly { readonly name: string }[] }[] {
    return this.#of("documentSymbol") as ReturnType<Editor["symbols"]>;
  }

  runTests(...names: readonly string[]): readonly TestResult[] | null {
    return this.ask("workspace/executeCommand", { command: "portail.runTests", arguments: [uri, ...names] }) as
      | readonly TestResult[]
      | null;
  }

  #at(what: string, position: Position): unknown {
    return this.ask(`textDocument/${what}`, { textDocument: { uri }, position });
  }

  #of(what: string, more: object = {}): unknown {
    return this.ask(`textDocument/${what}`, { textDocument: { uri }, ...more });
  }
}

/** A text with `|` where the cursor stands. */
export function cursorIn(marked: string): { readonly text: string; readonly position: Position } {
  const at = marked.indexOf("|");
  const lines = marked.slice(0, at).split("\n");
  return {
    text: marked.slice(0, at) + marked.slice(at + 1),
    position: { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 },
  };
}
