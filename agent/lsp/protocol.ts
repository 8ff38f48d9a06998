/**
 * The words of the Language Server Protocol 3.17 that this server uses, by their names there. What comes in is parsed by a schema; what
 * goes out has a type.
 */
import { z } from "zod";

const count = z.number().int().nonnegative();
/** Line and UTF-16 unit in it, both from 0. */
export const positionSchema = z.object({ line: count, character: count });
export type Position = Readonly<z.infer<typeof positionSchema>>;

export const rangeSchema = z.object({ start: positionSchema, end: positionSchema });
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

const uri = z.string().max(10_000);
export const documentSchema = z.object({ textDocument: z.object({ uri }) });
export const openSchema = z.object({ textDocument: z.object({ uri, version: z.number().int(), text: z.string() }) });
export const changeSchema = z.object({
  textDocument: z.object({ uri, version: z.number().int().nullish() }),
  contentChanges: z.array(z.object({ range: rangeSchema.optional(), text: z.string() })),
});
export const placeSchema = z.object({ textDocument: z.object({ uri }), position: positionSchema });
export const codeActionSchema = z.object({ textDocument: z.object({ uri }), range: rangeSchema });
export const executeSchema = z.object({ command: z.string(), arguments: z.array(z.unknown()).optional() });
export const initializeSchema = z.object({
  capabilities: z.object({ workspace: z.object({ codeLens: z.object({ refreshSupport: z.boolean().optional() }).optional() }).optional() }),
});

/** The uri of a document and, where one test is meant, its title. */
export const runTestsSchema = z.tuple([uri]).rest(z.string());

export interface Diagnostic {
  readonly range: Range;
  readonly severity: 1 | 2;
  readonly code: string;
  readonly source: string;
  readonly message: string;
  /** 1: nothing uses it; editors fade it. */
  readonly tags?: readonly 1[];
}

export interface TextEdit {
  readonly range: Range;
  readonly newText: string;
}

export interface MarkupContent {
  readonly kind: "markdown";
  readonly value: string;
}

export interface Hover {
  readonly contents: MarkupContent;
  readonly range: Range;
}

export const completionKinds = { method: 2, function: 3, field: 5, variable: 6, keyword: 14, value: 12, event: 23, constant: 21 } as const;

export interface CompletionItem {
  readonly label: string;
  readonly kind: (typeof completionKinds)[keyof typeof completionKinds];
  readonly detail?: string;
  readonly documentation?: MarkupContent;
  readonly textEdit: TextEdit;
}

export interface Location {
  readonly uri: string;
  readonly range: Range;
}

export interface DocumentSymbol {
  readonly name: string;
  readonly detail: string;
  readonly kind: number;
  readonly range: Range;
  readonly selectionRange: Range;
  readonly children?: readonly DocumentSymbol[];
}

export interface FoldingRange {
  readonly startLine: number;
  readonly endLine: number;
  readonly kind?: "comment";
}

export interface CodeLens {
  readonly range: Range;
  readonly command: { readonly title: string; readonly command: string; readonly arguments: readonly string[] };
}

export interface CodeAction {
  readonly title: string;
  readonly kind: "quickfix";
  readonly diagnostics: readonly Diagnostic[];
  readonly isPreferred?: true;
  readonly edit: { readonly changes: Readonly<Record<string, readonly TextEdit[]>> };
}
