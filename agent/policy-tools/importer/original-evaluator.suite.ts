/** The original's own way to decide, as plainly as it can be written: the measure for what is imported. */
import type { OriginalBlock, OriginalCondition, OriginalOperand } from "./original-tree.ts";

export type OriginalContext = ReadonlyMap<string, string | number | boolean>;

export interface OriginalDecision {
  readonly outcome: "allow" | "deny" | "redirect";
  /** Absent: no policy applied. */
  readonly policy?: string;
  /** With repetitions, as the original gives them. */
  readonly routes: readonly string[];
}

export function decideAsOriginal(blocks: readonly OriginalBlock[], context: OriginalContext): OriginalDecision {
  const routes = blocks.flatMap((block) => (block.kind === "route" && holds(block.when, context) ? block.use : []));
  for (const block of blocks) {
    if (block.kind !== "policy" || !holds(block.when, context) || !holds(block.require, context)) continue;
    return { outcome: block.action.kind, policy: block.name, routes };
  }
  return { outcome: "deny", routes };
}

function holds(condition: OriginalCondition | undefined, context: OriginalContext): boolean {
  if (condition === undefined) return true;
  switch (condition.kind) {
    case "and":
      return holds(condition.left, context) && holds(condition.right, context);
    case "or":
      return holds(condition.left, context) || holds(condition.right, context);
    case "not":
      return !holds(condition.operand, context);
    case "compare":
      return compare(valueOf(condition.left, context), condition.comparator, condition.right, context);
  }
}

function valueOf(operand: OriginalOperand, context: OriginalContext): string | number | boolean {
  if (operand.kind === "texts" || operand.kind === "regex") throw new Error("not a value");
  const value = operand.kind === "variable" ? context.get(operand.path) : operand.value;
  if (value === undefined) throw new Error("a variable is missing");
  return value;
}

function compare(left: string | number | boolean, comparator: string, right: OriginalOperand, context: OriginalContext): boolean {
  if (right.kind === "texts") return right.values.includes(String(left));
  if (right.kind === "regex") return new RegExp(right.value, "u").test(String(left));
  const other = valueOf(right, context);
  if (typeof left !== typeof other) throw new Error("types differ");
  if (comparator === "==") return left === other;
  if (comparator === "!=") return left !== other;
  if (comparator === "<") return left < other;
  if (comparator === ">") return left > other;
  return comparator === "<=" ? left <= other : left >= other;
}
