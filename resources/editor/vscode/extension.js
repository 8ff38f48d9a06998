/** Policy files in VS Code: starts `portail policy lsp` and shows what it says, in the editor's own words. */
"use strict";

const vscode = require("vscode");
const { LanguageClient } = require("./language-client.js");
const { features } = require("./features.js");
const { translations } = require("./translations.js");

const LANGUAGE = "portail";

let session;

function activate(context) {
  session = new Session();
  context.subscriptions.push(
    session,
    vscode.commands.registerCommand("portail.restart", () => session.start()),
    vscode.commands.registerCommand("portail.runTests", (uri, ...names) => session.runTests(uri, names)),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration("portail.path") && session.start()),
    vscode.workspace.onDidOpenTextDocument((document) => session.open(document)),
    vscode.workspace.onDidChangeTextDocument((event) => session.change(event)),
    vscode.workspace.onDidSaveTextDocument((document) => session.tell("didSave", document)),
    vscode.workspace.onDidCloseTextDocument((document) => session.close(document)),
    ...features(vscode, LANGUAGE, { ask: (...question) => session.ask(...question), onLensesChanged: session.lenses.event }),
  );
  session.start();
}

async function deactivate() {
  await session?.stop();
  session = undefined;
}

/** One run of the checker, and what it was told. */
class Session {
  diagnostics = vscode.languages.createDiagnosticCollection(LANGUAGE);
  lenses = new vscode.EventEmitter();
  #client;
  #ready = Promise.resolve();
  #open = new Set();

  start() {
    void this.stop();
    this.#open.clear();
    this.diagnostics.clear();
    const client = new LanguageClient({
      command: vscode.workspace.getConfiguration(LANGUAGE).get("path") || "portail",
      args: ["policy", "lsp"],
      onNotification: (method, params) => this.#hear(method, params),
      onRequest: (method) => method === "workspace/codeLens/refresh" && this.lenses.fire(),
      onEnd: (why) => client === this.#client && this.#tellEnd(why),
    });
    this.#client = client;
    const capabilities = { workspace: { codeLens: { refreshSupport: true } } };
    this.#ready = client.request("initialize", { processId: process.pid, rootUri: null, capabilities }).then(
      () => {
        client.notify("initialized", {});
        for (const document of vscode.workspace.textDocuments) this.open(document);
      },
      () => undefined,
    );
  }

  async stop() {
    const client = this.#client;
    this.#client = undefined;
    await client?.stop();
  }

  dispose() {
    void this.stop();
    this.diagnostics.dispose();
    this.lenses.dispose();
  }

  open(document) {
    const uri = document.uri.toString();
    if (document.languageId !== LANGUAGE || this.#open.has(uri)) return;
    this.#open.add(uri);
    const textDocument = { uri, languageId: LANGUAGE, version: document.version, text: document.getText() };
    this.#client?.notify("textDocument/didOpen", { textDocument });
  }

  change({ document, contentChanges }) {
    const uri = document.uri.toString();
    if (!this.#open.has(uri) || contentChanges.length === 0) return;
    this.#client?.notify("textDocument/didChange", {
      textDocument: { uri, version: document.version },
      // A range of VS Code writes itself as a pair, which is not the protocol's form.
      contentChanges: contentChanges.map(({ range: { start, end }, text }) => ({ range: { start, end }, text })),
    });
  }

  tell(what, document) {
    const uri = document.uri.toString();
    if (this.#open.has(uri)) this.#client?.notify(`textDocument/${what}`, { textDocument: { uri } });
  }

  close(document) {
    this.tell("didClose", document);
    this.#open.delete(document.uri.toString());
  }

  /** The answer to a question on an open document; nothing while the checker does not run. */
  async ask(what, document, more = {}) {
    await this.#ready;
    const uri = document.uri.toString();
    if (this.#client === undefined || !this.#open.has(uri)) return null;
    return this.#client.request(`textDocument/${what}`, { textDocument: { uri }, ...more }).catch(() => null);
  }

  async runTests(given, names) {
    await this.#ready;
    const uri = given ?? vscode.window.activeTextEditor?.document.uri.toString();
    if (uri === undefined || this.#client === undefined) return;
    const results = await this.#client.request("workspace/executeCommand", { command: "portail.runTests", arguments: [uri, ...names] });
    if (results === null) void vscode.window.showWarningMessage("The policy has mistakes; its tests run when they are gone.");
  }

  #hear(method, params) {
    if (method !== "textDocument/publishDiagnostics") return;
    const found = params.diagnostics.map((diagnostic) => translations(vscode).diagnostic(diagnostic));
    this.diagnostics.set(vscode.Uri.parse(params.uri), found);
  }

  #tellEnd(why) {
    this.#client = undefined;
    this.diagnostics.clear();
    const choice = "Open the setting";
    vscode.window
      .showErrorMessage(`Policy files are not checked: portail could not be run (${why}). Where is it?`, choice)
      .then((chosen) => {
        if (chosen === choice) void vscode.commands.executeCommand("workbench.action.openSettings", "portail.path");
      });
  }
}

module.exports = { activate, deactivate };
