/** What a file of the original grammar says, block by block. */

export interface OriginalFile {
  readonly blocks: readonly OriginalBlock[];
}

export type OriginalBlock = OriginalPolicy | OriginalRoute;

export interface OriginalPolicy {
  readonly kind: "policy";
  readonly name: string;
  readonly line: number;
  readonly when?: OriginalCondition;
  readonly require?: OriginalCondition;
  readonly action: OriginalAction;
}

export interface OriginalRoute {
  readonly kind: "route";
  readonly name: string;
  readonly line: number;
  readonly when?: OriginalCondition;
  readonly use: readonly string[];
}

export type OriginalAction =
  | { readonly kind: "allow" }
  | { readonly kind: "deny"; readonly template?: string }
  | { readonly kind: "redirect"; readonly url: string };

export type OriginalCondition =
  | { readonly kind: "and" | "or"; readonly left: OriginalCondition; readonly right: OriginalCondition }
  | { readonly kind: "not"; readonly operand: OriginalCondition }
  | OriginalComparison;

export type OriginalComparator = "==" | "!=" | "=~" | "<=" | ">=" | "<" | ">" | "in";

export interface OriginalComparison {
  readonly kind: "compare";
  readonly line: number;
  readonly left: OriginalOperand;
  readonly comparator: OriginalComparator;
  readonly right: OriginalOperand;
}

export type OriginalOperand =
  | { readonly kind: "variable"; readonly path: string }
  | { readonly kind: "text" | "regex"; readonly value: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "truth"; readonly value: boolean }
  | { readonly kind: "texts"; readonly values: readonly string[] };
