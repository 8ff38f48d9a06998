import { EventEmitter } from "node:events";

/** What an extension registered and showed, and the person's side of it. */
export interface VsCode {
  /** The module that the extension gets for `require("vscode")`. */
  readonly module: object;
  readonly providers: ReadonlyMap<string, Record<string, (...given: readonly unknown[]) => unknown>>;
  readonly commands: ReadonlyMap<string, (...given: readonly unknown[]) => unknown>;
  readonly diagnostics: ReadonlyMap<string, readonly Shown[]>;
  readonly errors: readonly string[];
  open(uri: string, text: string): StandInDocument;
  type(document: StandInDocument, text: string, line: number, character: number): void;
  dispose(): void;
}

export interface Shown {
  readonly range: Range;
  readonly message: string;
  readonly severity: number;
  readonly code: string;
}

class Position {
  readonly line: number;
  readonly character: number;

  constructor(line: number, character: number) {
    this.line = line;
    this.character = character;
  }
}

/** Like VS Code's, it writes itself as a pair. */
class Range {
  readonly start: Position;
  readonly end: Position;

  constructor(...[line, character, endLine, endCharacter]: readonly [number, number, number, number]) {
    this.start = new Position(line, character);
    this.end = new Position(endLine, endCharacter);
  }

  isEqual(other: Range): boolean {
    return JSON.stringify(this) === JSON.stringify(other);
  }

  toJSON(): unknown {
    return [this.start, this.end];
  }
}

class Uri {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  static parse(text: string): Uri {
    return new Uri(text);
  }

  toString(): string {
    return this.#text;
  }
}

class Fires {
  readonly #emitter = new EventEmitter();
  readonly event = (listener: (given: unknown) => void): { dispose(): void } => {
    this.#emitter.on("it", listener);
    return { dispose: () => this.#emitter.off("it", listener) };
  };

  fire(given?: unknown): void {
    this.#emitter.emit("it", given);
  }

  dispose(): void {
    this.#emitter.removeAllListeners();
  }
}

class WorkspaceEdit {
  readonly edits: (readonly [string, readonly unknown[]])[] = [];

  set(uri: Uri, edits: readonly unknown[]): void {
    this.edits.push([uri.toString(), edits]);
  }
}

/** A thing of VS Code that only carries what it was made of. */
function carrier(...names: readonly string[]): new (...given: readonly unknown[]) => object {
  return class {
    constructor(...given: readonly unknown[]) {
      for (const [index, name] of names.entries()) Object.assign(this, { [name]: given[index] });
    }
  };
}

export interface StandInDocument {
  readonly uri: Uri;
  readonly languageId: string;
  version: number;
  getText(): string;
}

/** VS Code's interface as far as the extension for policy files uses it. */
export function standInForVsCode(settings: Readonly<Record<string, string>>): VsCode {
  const providers = new Map<string, Record<string, (...given: readonly unknown[]) => unknown>>();
  const commands = new Map<string, (...given: readonly unknown[]) => unknown>();
  const diagnostics = new Map<string, readonly Shown[]>();
  const errors: string[] = [];
  const documents: StandInDocument[] = [];
  const [opened, changed, saved, closed, configured] = [new Fires(), new Fires(), new Fires(), new Fires(), new Fires()];
  const register =
    (name: string) =>
    (_language: string, provider: Record<string, (...given: readonly unknown[]) => unknown>): { dispose(): void } => {
      providers.set(name, provider);
      return { dispose: () => providers.delete(name) };
    };
  const languages = {
    createDiagnosticCollection: () => ({
      set: (uri: Uri, found: readonly Shown[]) => diagnostics.set(uri.toString(), found),
      clear: () => diagnostics.clear(),
      dispose: () => diagnostics.clear(),
    }),
    registerHoverProvider: register("hover"),
    registerCompletionItemProvider: register("completion"),
    registerDefinitionProvider: register("definition"),
    registerDocumentSymbolProvider: register("symbols"),
    registerFoldingRangeProvider: register("folds"),
    registerDocumentFormattingEditProvider: register("layout"),
    registerCodeLensProvider: register("lenses"),
    registerCodeActionsProvider: register("fixes"),
  };
  const module = {
    Position,
    Range,
    Uri,
    EventEmitter: Fires,
    WorkspaceEdit,
    languages,
    Diagnostic: carrier("range", "message", "severity"),
    MarkdownString: carrier("value"),
    Hover: carrier("contents", "range"),
    CompletionItem: carrier("label", "kind"),
    Location: carrier("uri", "range"),
    DocumentSymbol: carrier("name", "detail", "kind", "range", "selectionRange"),
    FoldingRange: carrier("start", "end", "kind"),
    CodeLens: carrier("range", "command"),
    CodeAction: carrier("title", "kind"),
    TextEdit: { replace: (range: Range, newText: string) => ({ range, newText }) },
    CompletionItemKind: { Field: "field", Keyword: "keyword", Text: "text" },
    CodeActionKind: { QuickFix: "quickfix" },
    FoldingRangeKind: { Comment: "comment" },
    workspace: {
      textDocuments: documents,
      getConfiguration: () => ({ get: (name: string) => settings[name] }),
      onDidOpenTextDocument: opened.event,
      onDidChangeTextDocument: changed.event,
      onDidSaveTextDocument: saved.event,
      onDidCloseTextDocument: closed.event,
      onDidChangeConfiguration: configured.event,
    },
    window: {
      activeTextEditor: undefined,
      showErrorMessage: (message: string) => Promise.resolve(void errors.push(message)),
      showWarningMessage: (message: string) => Promise.resolve(void errors.push(message)),
    },
    commands: {
      registerCommand: (name: string, run: (...given: readonly unknown[]) => unknown) => {
        commands.set(name, run);
        return { dispose: () => commands.delete(name) };
      },
    },
  };
  return {
    module,
    providers,
    commands,
    diagnostics,
    errors,
    open(uri, text) {
      let current = text;
      const document = {
        uri: new Uri(uri),
        languageId: "portail",
        version: 1,
        getText: () => current,
        put: (next: string) => (current = next),
      };
      documents.push(document);
      opened.fire(document);
      return document;
    },
    type(document, text, line, character) {
      document.version += 1;
      changed.fire({ document, contentChanges: [{ range: new Range(line, character, line, character), text }] });
    },
    dispose: () => [opened, changed, saved, closed, configured].forEach((one) => one.dispose()),
  };
}
