import { type Expression, formatExpression } from "../../policy/index.ts";
import { maxWidth, type Sheet } from "./sheet.ts";

/** Where an expression is written. */
export interface Slot {
  /** Columns before the first line, and two more before those that follow. */
  readonly indent: number;
  /** What stands before it on its first line. */
  readonly head: string;
  /** What stands behind it on its last line. */
  readonly tail: string;
}

/** Write an expression: on one line where it fits, else broken at its outermost connectives, lists and brackets. */
export function layExpression(sheet: Sheet, expression: Expression, slot: Slot): void {
  const line = slot.head + formatExpression(expression) + slot.tail;
  const fits = slot.indent + line.length <= maxWidth && !sheet.hasComment(expression);
  if (!fits && layBroken(sheet, expression, slot)) return;
  sheet.flush(expression.offset + expression.length, slot.indent);
  sheet.put(slot.indent, line);
}

/** False when there is no good place to break it. */
function layBroken(sheet: Sheet, expression: Expression, slot: Slot): boolean {
  if (expression.kind === "and" || expression.kind === "or") return layChain(sheet, expression, slot);
  if (expression.kind === "binary") return layRelation(sheet, expression, slot);
  if (expression.kind === "not") {
    return isLoose(expression.operand) && layBracketed(sheet, expression.operand, { ...slot, head: `${slot.head}not ` });
  }
  if (expression.kind === "list") return layItems(sheet, expression, { ...slot, head: `${slot.head}[`, tail: `]${slot.tail}` });
  if (expression.kind !== "call") return false;
  const opening = formatExpression({ ...expression, items: [] }).slice(0, -1);
  return layItems(sheet, expression, { ...slot, head: slot.head + opening, tail: `)${slot.tail}` });
}

type Chain = Extract<Expression, { readonly kind: "and" | "or" }>;

function layChain(sheet: Sheet, chain: Chain, slot: Slot): true {
  const last = chain.items.length - 1;
  for (const [index, item] of chain.items.entries()) {
    const own: Slot = {
      indent: index === 0 ? slot.indent : slot.indent + 2,
      head: index === 0 ? slot.head : `${chain.kind} `,
      tail: index === last ? slot.tail : "",
    };
    if (needsBrackets(chain.kind, item)) layBracketed(sheet, item, own);
    else layExpression(sheet, item, own);
  }
  return true;
}

/** `and` binds tighter than `or`; a chain in a chain of its own kind keeps the brackets that make it one. */
function needsBrackets(parent: Chain["kind"], { kind }: Expression): boolean {
  return kind === "conditional" || kind === "or" || (kind === "and" && parent === "and");
}

function isLoose({ kind }: Expression): boolean {
  return kind === "and" || kind === "or" || kind === "binary" || kind === "conditional";
}

/** `(…)` on one line, or the brackets on lines of their own. */
function layBracketed(sheet: Sheet, expression: Expression, slot: Slot): true {
  const line = `${slot.head}(${formatExpression(expression)})${slot.tail}`;
  if (slot.indent + line.length <= maxWidth && !sheet.hasComment(expression)) {
    sheet.flush(expression.offset, slot.indent);
    sheet.put(slot.indent, line);
    return true;
  }
  sheet.flush(expression.offset, slot.indent);
  sheet.put(slot.indent, `${slot.head}(`);
  layExpression(sheet, expression, { indent: slot.indent + 2, head: "", tail: "" });
  sheet.put(slot.indent, `)${slot.tail}`);
  return true;
}

/** One entry a line. */
function layItems(sheet: Sheet, holder: Extract<Expression, { readonly kind: "list" | "call" }>, slot: Slot): boolean {
  const { items } = holder;
  const first = items[0];
  if (first === undefined) return false;
  sheet.flush(first.offset, slot.indent);
  sheet.put(slot.indent, slot.head);
  for (const [index, item] of items.entries()) {
    layExpression(sheet, item, { indent: slot.indent + 2, head: "", tail: index === items.length - 1 ? "" : "," });
  }
  sheet.flush(holder.offset + holder.length, slot.indent + 2);
  sheet.put(slot.indent, slot.tail);
  return true;
}

/** `x in [` … `]`: the list on the right is what can be broken. */
function layRelation(sheet: Sheet, expression: Extract<Expression, { readonly kind: "binary" }>, slot: Slot): boolean {
  const { right } = expression;
  if (right.kind !== "list" && right.kind !== "call") return false;
  const holder: Expression = { kind: "name", name: "x", offset: right.offset, length: 0 };
  const left = formatExpression({ ...expression, right: holder }).slice(0, -1);
  return layBroken(sheet, right, { ...slot, head: slot.head + left });
}
