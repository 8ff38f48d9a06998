import type { Environment } from "./environment.ts";
import { type ExpressionCode, type Problem, problemAt, type Span } from "./problem.ts";
import type { Expression } from "./syntax.ts";
import type { CheckedExpression, Typed } from "./typed.ts";
import { formatType, type Type } from "./value-type.ts";

/** What the checker found out about one node. */
export interface Judgement {
  readonly node: Typed;
  /** Steps in the worst case. */
  readonly cost: number;
  /** For a list or map, the most entries it can have; 1 otherwise. */
  readonly entries: number;
  /** Optional attributes that are surely there when the node is true, or when it is false. */
  readonly whenTrue: ReadonlySet<string>;
  readonly whenFalse: ReadonlySet<string>;
}

/** Where a node is checked: what it may name, and what is already known to be there. */
export interface Scope {
  readonly environment: Environment;
  /** Shared by the whole check; every mistake is added. */
  readonly problems: Problem[];
  readonly locals: ReadonlyMap<string, { readonly index: number; readonly type: Type }>;
  readonly guarded: ReadonlySet<string>;
  /** Macros around this node. */
  readonly macros: number;
  /** Shared by the whole check: the `let`s met so far. */
  readonly lets: Set<CheckedExpression>;
  /** The checker itself, handed down so that its parts need not import each other in a circle. */
  readonly check: (expression: Expression, scope: Scope) => Judgement | undefined;
}

const NOTHING: ReadonlySet<string> = new Set();

interface Parts {
  readonly cost: number;
  readonly entries?: number;
  readonly whenTrue?: ReadonlySet<string>;
  readonly whenFalse?: ReadonlySet<string>;
}

export function judge(node: Typed, { cost, entries = 1, whenTrue = NOTHING, whenFalse = NOTHING }: Parts): Judgement {
  return { node, cost, entries, whenTrue, whenFalse };
}

/** Note a problem and answer `undefined`, which stands for "no more to be said about this node". */
export function refuse(scope: Scope, span: Span, [code, message, hint = ""]: readonly [ExpressionCode, string, string?]): undefined {
  scope.problems.push(problemAt(span, code, message, hint));
  return undefined;
}

/** Check a part that must be a condition; `what` names it in the message. */
export function checkCondition(expression: Expression, scope: Scope, what: string): Judgement | undefined {
  const judged = scope.check(expression, scope);
  const kind = judged?.node.type.kind;
  if (judged === undefined || kind === "bool" || kind === "nothing") return judged;
  const hint = what === NEGATED ? "'not' holds for the next word only: write 'x not in y' or 'not (…)'" : "";
  return refuse(scope, expression, ["E_TYPE", `${what} must be a bool, this is a ${formatType(judged.node.type)}`, hint]);
}

export const NEGATED = "what follows 'not'";

/** Check every part, so that all their mistakes are told at once; `undefined` when one is wrong. */
export function checkAll(expressions: readonly Expression[], scope: Scope): readonly Judgement[] | undefined {
  const judged = expressions.map((expression) => scope.check(expression, scope));
  const good = judged.filter((judgement) => judgement !== undefined);
  return good.length === judged.length ? good : undefined;
}

export function totalCost(judgements: readonly Judgement[]): number {
  return judgements.reduce((sum, { cost }) => sum + cost, 0);
}
