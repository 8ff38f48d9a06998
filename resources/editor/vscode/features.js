/** Each thing that VS Code asks of a language, one provider. */
"use strict";

const { translations } = require("./translations.js");

/** `ask(what, document, more)` answers in the protocol's words, or with null. */
function features(vscode, language, { ask, onLensesChanged }) {
  const { languages, CodeActionKind } = vscode;
  const to = translations(vscode);
  const one = (what, translate) => async (document, position) => {
    const found = await ask(what, document, { position });
    return found && translate(found);
  };
  const all = async (question, translate) => ((await question) ?? []).map((found) => translate(found));

  const completion = (document, position) => all(ask("completion", document, { position }), to.completion);
  const symbols = (document) => all(ask("documentSymbol", document), (found) => to.symbol(found));
  const folds = (document) => all(ask("foldingRange", document), to.fold);
  const lenses = (document) => all(ask("codeLens", document), to.lens);
  const layout = (document, { tabSize, insertSpaces }) => all(ask("formatting", document, { options: { tabSize, insertSpaces } }), to.edit);
  const fixes = (document, { start, end }, { diagnostics }) =>
    all(ask("codeAction", document, { range: { start, end }, context: { diagnostics: [] } }), (found) => to.action(found, diagnostics));

  return [
    languages.registerHoverProvider(language, { provideHover: one("hover", to.hover) }),
    languages.registerDefinitionProvider(language, { provideDefinition: one("definition", to.location) }),
    languages.registerCompletionItemProvider(language, { provideCompletionItems: completion }, "."),
    languages.registerDocumentSymbolProvider(language, { provideDocumentSymbols: symbols }),
    languages.registerFoldingRangeProvider(language, { provideFoldingRanges: folds }),
    languages.registerDocumentFormattingEditProvider(language, { provideDocumentFormattingEdits: layout }),
    languages.registerCodeLensProvider(language, { provideCodeLenses: lenses, onDidChangeCodeLenses: onLensesChanged }),
    languages.registerCodeActionsProvider(language, { provideCodeActions: fixes }, { providedCodeActionKinds: [CodeActionKind.QuickFix] }),
  ];
}

module.exports = { features };
