import { vocabulary } from "../../policy/index.ts";
import { CannotImport, type ImportNotes } from "./import-notes.ts";
import type { OriginalBlock, OriginalComparison, OriginalCondition, OriginalOperand } from "./original-tree.ts";

export type VariableType = "string" | "int" | "bool" | "host";

export interface Variable {
  /** As the policy names it. */
  readonly path: string;
  readonly type: VariableType;
  /** It must be declared: the built-in vocabulary does not have it, or has it with another type. */
  readonly isDeclared: boolean;
}

export type Variables = ReadonlyMap<string, Variable>;

/** Every variable of the file, with the type that its comparisons need. */
export function importVariables(blocks: readonly OriginalBlock[], notes: ImportNotes): Variables {
  const types = new Map<string, VariableType>();
  const comparisons = blocks.flatMap((block) => [
    ...(block.when === undefined ? [] : comparisonsOf(block.when)),
    ...(block.kind === "policy" && block.require !== undefined ? comparisonsOf(block.require) : []),
  ]);
  for (const comparison of comparisons) learn(comparison, types);
  for (const comparison of comparisons) learnFromOther(comparison, types);
  const variables = new Map<string, Variable>();
  for (const { line, left, right } of comparisons) {
    for (const operand of [left, right]) {
      if (operand.kind !== "variable" || variables.has(operand.path)) continue;
      variables.set(operand.path, nameVariable(operand.path, { line, notes, type: types.get(operand.path) ?? "string", taken: variables }));
    }
  }
  return variables;
}

export function comparisonsOf(condition: OriginalCondition): readonly OriginalComparison[] {
  if (condition.kind === "compare") return [condition];
  if (condition.kind === "not") return comparisonsOf(condition.operand);
  return [...comparisonsOf(condition.left), ...comparisonsOf(condition.right)];
}

/** The type that the other side, or the comparison itself, asks for. */
function learn({ left, comparator, right, line }: OriginalComparison, types: Map<string, VariableType>): void {
  note(left, typeAskedBy(comparator, right), { line, types });
  if (comparator === "==" || comparator === "!=") note(right, typeOf(left), { line, types });
}

/** Two variables compared with each other have one type. */
function learnFromOther({ left, right, line }: OriginalComparison, types: Map<string, VariableType>): void {
  if (left.kind !== "variable" || right.kind !== "variable") return;
  const known = types.get(left.path) ?? types.get(right.path) ?? "string";
  note(left, known, { line, types });
  note(right, known, { line, types });
}

function typeAskedBy(comparator: OriginalComparison["comparator"], right: OriginalOperand): VariableType | undefined {
  if (comparator === "in" || comparator === "=~") return "string";
  return comparator === "==" || comparator === "!=" ? typeOf(right) : "int";
}

export function typeOf(operand: OriginalOperand): VariableType | undefined {
  if (operand.kind === "text") return "string";
  if (operand.kind === "number") return "int";
  return operand.kind === "truth" ? "bool" : undefined;
}

interface Learning {
  readonly line: number;
  readonly types: Map<string, VariableType>;
}

function note(operand: OriginalOperand, type: VariableType | undefined, { line, types }: Learning): void {
  if (operand.kind !== "variable" || type === undefined) return;
  const known = types.get(operand.path);
  if (known !== undefined && known !== type) {
    throw new CannotImport(
      line,
      `'${operand.path}' is compared as ${known} in one place and as ${type} in another: the original refuses one of them when it runs`,
    );
  }
  types.set(operand.path, type);
}

interface Naming {
  readonly line: number;
  readonly notes: ImportNotes;
  readonly type: VariableType;
  readonly taken: ReadonlyMap<string, Variable>;
}

function nameVariable(original: string, { line, notes, type, taken }: Naming): Variable {
  if (original === "host") {
    if (type !== "string") throw new CannotImport(line, "'host' is a name and no number");
    return { path: "request.host", type: "host", isDeclared: false };
  }
  const built = vocabulary.get(original);
  if (built !== undefined && built.type === type && !built.optional && built.group !== "decision") {
    return { path: original, type, isDeclared: false };
  }
  const path = freePath(original, built !== undefined, taken);
  if (path !== original)
    notes.add(
      line,
      `the variable '${original}' is now '${path}': ${built === undefined ? "names here are words of letters, digits and _" : "the built-in attribute of that name has another meaning"}`,
    );
  return { path, type, isDeclared: true };
}

/** Words that cannot begin a path in a condition, or that mean something else there. */
const RESERVED: ReadonlySet<string> = new Set(
  "and or not in true false null as break const continue else for function if import let loop package namespace return var void while decision".split(
    " ",
  ),
);

function freePath(original: string, isTaken: boolean, taken: ReadonlyMap<string, Variable>): string {
  const words = original.split(".").map((word) => word.replaceAll(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_"));
  let path = `${isTaken || words.length === 1 || RESERVED.has(words[0] ?? "") ? "acl." : ""}${words.join(".")}`;
  while ([...taken.values()].some((other) => other.path === path) || vocabulary.has(path)) path += "_";
  return path;
}
