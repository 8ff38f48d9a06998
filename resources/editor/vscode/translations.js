/** Answers of the checker, in the Language Server Protocol's words, as things of VS Code. */
"use strict";

/** The protocol's kinds of completion, and what VS Code calls them. */
const COMPLETION_KINDS = { 2: "Method", 3: "Function", 5: "Field", 6: "Variable", 12: "Value", 14: "Keyword", 21: "Constant", 23: "Event" };

function translations(vscode) {
  const range = ({ start, end }) => new vscode.Range(start.line, start.character, end.line, end.character);
  const markdown = (content) => new vscode.MarkdownString(content?.value ?? "");
  const edit = (given) => vscode.TextEdit.replace(range(given.range), given.newText);

  return {
    range,
    edit,
    hover: (given) => new vscode.Hover(markdown(given.contents), range(given.range)),
    location: (given) => new vscode.Location(vscode.Uri.parse(given.uri), range(given.range)),
    lens: (given) => new vscode.CodeLens(range(given.range), given.command),
    fold: ({ startLine, endLine, kind }) =>
      new vscode.FoldingRange(startLine, endLine, kind === "comment" ? vscode.FoldingRangeKind.Comment : undefined),

    completion({ label, kind, detail, documentation, textEdit }) {
      const item = new vscode.CompletionItem(label, vscode.CompletionItemKind[COMPLETION_KINDS[kind] ?? "Text"]);
      const insert = { insertText: textEdit.newText, range: range(textEdit.range) };
      return Object.assign(item, { detail, documentation: markdown(documentation), ...insert });
    },

    /** The protocol counts the kinds of symbols from 1, VS Code from 0. */
    symbol(given) {
      const { name, detail, kind, children = [] } = given;
      const symbol = new vscode.DocumentSymbol(name, detail, kind - 1, range(given.range), range(given.selectionRange));
      symbol.children = children.map((child) => this.symbol(child));
      return symbol;
    },

    /** The protocol counts severities from 1, VS Code from 0. */
    diagnostic({ message, severity, code, source, tags, ...given }) {
      return Object.assign(new vscode.Diagnostic(range(given.range), message, severity - 1), { code, source, tags });
    },

    /** `shown`: the diagnostics under the cursor, one of which the action is about. */
    action({ title, isPreferred, diagnostics: [about], ...given }, shown) {
      const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
      action.edit = new vscode.WorkspaceEdit();
      for (const [uri, edits] of Object.entries(given.edit.changes)) action.edit.set(vscode.Uri.parse(uri), edits.map(edit));
      action.isPreferred = isPreferred;
      action.diagnostics = shown.filter((one) => one.code === about.code && one.range.isEqual(range(about.range)));
      return action;
    },
  };
}

module.exports = { translations };
