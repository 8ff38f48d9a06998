import type { ZodType } from "zod";
import type { Clock } from "../base/index.ts";
import { codeLenses, runTestsCommand } from "./code-lenses.ts";
import { completionsAt } from "./completion.ts";
import { definitionAt } from "./definition.ts";
import { diagnosticsOf } from "./diagnostics.ts";
import { documentSymbols } from "./document-symbols.ts";
import { Documents } from "./documents.ts";
import { foldingRanges } from "./folding.ts";
import { formattingEdits } from "./formatting.ts";
import type { Frame } from "./frame-reader.ts";
import { hoverAt } from "./hover.ts";
import { errorCodes, type Message, type MessageId, readMessage, writeFrame } from "./message.ts";
import type { PolicyFiles, PolicyView } from "./policy-view.ts";
import * as protocol from "./protocol.ts";
import { quickFixesAt } from "./quick-fixes.ts";

export interface LanguageServerOptions {
  readonly clock: Clock;
  readonly files: PolicyFiles;
  readonly version: string;
  /** One whole frame for the editor. */
  readonly send: (frame: string) => void;
}

/** A request's answer, or why there is none. */
type Answer = { readonly result: unknown } | { readonly error: { readonly code: number; readonly message: string } };

/** Reads the parameters of a method and does what it asks. */
type Handler = (params: unknown) => unknown;

class BadParams extends Error {}

function refusal(code: number, message: string): Answer {
  return { error: { code, message } };
}

/**
 * The server's side of a session: what the editor may ask, one row each. It answers in the order of the questions and never throws:
 * what is malformed is refused by its number, and the session goes on.
 */
export class LanguageServer {
  readonly #options: LanguageServerOptions;
  readonly #documents: Documents;
  #state: "new" | "ready" | "shut" | "ended" = "new";
  #endedWell = false;
  #refreshesLenses = false;
  #asked = 0;

  readonly #requests: ReadonlyMap<string, Handler> = new Map<string, Handler>([
    ["initialize", reads(protocol.initializeSchema, (params) => this.#initialize(params.capabilities.workspace?.codeLens?.refreshSupport))],
    ["shutdown", () => this.#shutDown()],
    ["textDocument/hover", this.#atPlace(hoverAt)],
    ["textDocument/completion", this.#atPlace(completionsAt)],
    ["textDocument/definition", this.#atPlace(definitionAt)],
    ["textDocument/documentSymbol", this.#ofDocument(documentSymbols)],
    ["textDocument/foldingRange", this.#ofDocument(foldingRanges)],
    ["textDocument/formatting", this.#ofDocument(formattingEdits)],
    ["textDocument/codeLens", this.#ofDocument(codeLenses)],
    ["textDocument/codeAction", reads(protocol.codeActionSchema, (params) => this.#quickFixes(params.textDocument.uri, params.range))],
    ["workspace/executeCommand", reads(protocol.executeSchema, (params) => this.#execute(params.command, params.arguments ?? []))],
  ]);

  readonly #notices: ReadonlyMap<string, Handler> = new Map<string, Handler>([
    [
      "textDocument/didOpen",
      reads(protocol.openSchema, ({ textDocument: { uri, text, version } }) => this.#documents.open(uri, text, version)),
    ],
    [
      "textDocument/didChange",
      reads(protocol.changeSchema, ({ textDocument: { uri, version }, contentChanges }) =>
        this.#documents.change(uri, contentChanges, version ?? undefined),
      ),
    ],
    ["textDocument/didSave", reads(protocol.documentSchema, ({ textDocument }) => this.#documents.save(textDocument.uri))],
    ["textDocument/didClose", reads(protocol.documentSchema, ({ textDocument }) => this.#documents.close(textDocument.uri))],
  ]);

  constructor(options: LanguageServerOptions) {
    this.#options = options;
    const { clock, files } = options;
    this.#documents = new Documents({ clock, files, onChecked: (uri) => this.#publish(uri) });
  }

  /** The editor said goodbye; `well` when it had asked for the shutdown before, as it should. */
  get ended(): { readonly well: boolean } | undefined {
    return this.#state === "ended" ? { well: this.#endedWell } : undefined;
  }

  receive(frame: Frame): void {
    if (this.#state === "ended") return;
    if (frame.kind === "bad") this.#answer(null, refusal(errorCodes.parseError, frame.why));
    else this.#hear(readMessage(frame.bytes));
  }

  /** Forget everything; nothing is sent afterwards. */
  end(): void {
    if (this.#state === "ended") return;
    this.#endedWell = this.#state === "shut";
    this.#state = "ended";
    this.#documents.closeAll();
  }

  #hear(message: Message): void {
    if (message.kind === "bad") this.#answer(message.id, refusal(message.code, message.why));
    if (message.kind === "request") this.#answer(message.id, this.#ask(message.method, message.params));
    if (message.kind === "notification") this.#notice(message.method, message.params);
  }

  #ask(method: string, params: unknown): Answer {
    if (this.#state === "new" && method !== "initialize") return refusal(errorCodes.serverNotInitialized, "initialize comes first");
    if (this.#state === "shut") return refusal(errorCodes.invalidRequest, "after shutdown only exit may come");
    const handler = this.#requests.get(method);
    if (handler === undefined) return refusal(errorCodes.methodNotFound, `there is no method ${method.slice(0, 100)}`);
    return this.#attempt(handler, params);
  }

  #notice(method: string, params: unknown): void {
    if (method === "exit") return this.end();
    const handler = this.#state === "ready" ? this.#notices.get(method) : undefined;
    // A notification has no answer, whatever is wrong with it (JSON-RPC 2.0, section 4.1).
    if (handler !== undefined) this.#attempt(handler, params);
  }

  #attempt(handler: Handler, params: unknown): Answer {
    try {
      return { result: handler(params) ?? null };
    } catch (cause) {
      if (cause instanceof BadParams) return refusal(errorCodes.invalidParams, cause.message);
      return refusal(errorCodes.internalError, cause instanceof Error ? cause.message : String(cause));
    }
  }

  #answer(id: MessageId | null, answer: Answer): void {
    this.#options.send(writeFrame({ id, ...answer }));
  }

  #publish(uri: string): void {
    const document = this.#documents.get(uri);
    const diagnostics = document === undefined ? [] : diagnosticsOf(document.view, document.withTests);
    const version = document?.version;
    this.#notify("textDocument/publishDiagnostics", { uri, ...(version !== undefined && { version }), diagnostics });
    if (document?.withTests === true && this.#refreshesLenses) this.#refreshLenses();
  }

  #notify(method: string, params: object): void {
    this.#options.send(writeFrame({ method, params }));
  }

  #refreshLenses(): void {
    this.#asked += 1;
    this.#options.send(writeFrame({ id: `lens-${this.#asked}`, method: "workspace/codeLens/refresh" }));
  }

  #initialize(refreshesLenses = false): object {
    if (this.#state === "new") this.#state = "ready";
    this.#refreshesLenses = refreshesLenses;
    return { capabilities, serverInfo: { name: "portail", version: this.#options.version } };
  }

  #shutDown(): null {
    this.#state = "shut";
    this.#documents.closeAll();
    return null;
  }

  #ofDocument(run: (view: PolicyView, withTests: boolean) => unknown): Handler {
    return reads(protocol.documentSchema, ({ textDocument }) => {
      const document = this.#documents.get(textDocument.uri);
      return document && run(document.view, document.withTests);
    });
  }

  #atPlace(run: (view: PolicyView, offset: number) => unknown): Handler {
    return reads(protocol.placeSchema, ({ textDocument, position }) => {
      const view = this.#documents.get(textDocument.uri)?.view;
      return view && run(view, view.lines.offsetAt(position));
    });
  }

  #quickFixes(uri: string, range: protocol.Range): unknown {
    const view = this.#documents.get(uri)?.view;
    return view && quickFixesAt(view, range);
  }

  /** Answers the results; they also show as diagnostics and in the lenses. */
  #execute(command: string, given: readonly unknown[]): unknown {
    if (command !== runTestsCommand) throw new BadParams(`there is no command ${command.slice(0, 100)}`);
    const parsed = protocol.runTestsSchema.safeParse(given);
    if (!parsed.success) throw new BadParams(`${runTestsCommand} takes the address of an open document`);
    const [uri, name] = parsed.data;
    this.#documents.runTests(uri);
    const results = this.#documents.get(uri)?.view.tests;
    return name === undefined ? results : results?.filter((result) => result.name === name);
  }
}

/** What this server can do, as it tells the editor. Places count UTF-16 units; changes come as ranges. */
const capabilities = {
  positionEncoding: "utf-16",
  textDocumentSync: { openClose: true, change: 2, save: true },
  hoverProvider: true,
  completionProvider: { triggerCharacters: ["."] },
  definitionProvider: true,
  documentSymbolProvider: true,
  foldingRangeProvider: true,
  documentFormattingProvider: true,
  codeLensProvider: {},
  codeActionProvider: { codeActionKinds: ["quickfix"] },
  executeCommandProvider: { commands: [runTestsCommand] },
} as const;

/** Parameters are parsed before a handler sees them. */
function reads<T>(schema: ZodType<T>, run: (params: T) => unknown): Handler {
  return (params) => {
    const parsed = schema.safeParse(params);
    if (parsed.success) return run(parsed.data);
    const [issue] = parsed.error.issues;
    throw new BadParams(issue === undefined ? "wrong parameters" : `${issue.path.join(".")}: ${issue.message}`);
  };
}
