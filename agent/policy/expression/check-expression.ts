import { type ByKind, dispatch } from "./by-kind.ts";
import { checkCall } from "./check-call.ts";
import { checkList, checkMap, checkPlain } from "./check-literal.ts";
import { checkConditional, checkLogic, checkNot } from "./check-logic.ts";
import { checkMacro, macroNamed } from "./check-macro.ts";
import { checkMembership } from "./check-membership.ts";
import { checkIndex, checkName } from "./check-name.ts";
import { checkArithmetic, checkEquality, checkNegation, checkOrder } from "./check-operators.ts";
import { checkDefault, checkHas } from "./check-presence.ts";
import { checkRegex } from "./check-regex.ts";
import type { Environment } from "./environment.ts";
import { type Judgement, refuse, type Scope } from "./judgement.ts";
import { limits } from "./limits.ts";
import { type Problem, problemAt } from "./problem.ts";
import type { BinaryExpression, BinaryOperator, CallExpression, Expression } from "./syntax.ts";
import type { CheckedExpression } from "./typed.ts";
import { formatType, type Type, unify } from "./value-type.ts";

export type CheckResult =
  | { readonly kind: "checked"; readonly checked: CheckedExpression }
  | { readonly kind: "refused"; readonly problems: readonly Problem[] };

/**
 * Resolve every name, choose every function, and prove the expression safe to run: types go together, optional
 * attributes are guarded, patterns are canonical, and the worst cost is bounded. All mistakes are told, not only the
 * first. `expected` is the type that the whole must have, `bool` for a condition.
 */
export function checkExpression(expression: Expression, environment: Environment, expected?: Type): CheckResult {
  const scope: Scope = { environment, problems: [], locals: new Map(), guarded: new Set(), macros: 0, lets: new Set(), check };
  const judged = check(expression, scope);
  if (judged === undefined || scope.problems.length > 0) return { kind: "refused", problems: scope.problems };
  const checked = conclude(judged, scope.lets);
  const problem = checkWhole(expression, checked, expected);
  return problem === undefined ? { kind: "checked", checked } : { kind: "refused", problems: [problem] };
}

function conclude({ node, cost, entries }: Judgement, direct: ReadonlySet<CheckedExpression>): CheckedExpression {
  const lets = new Set([...direct].flatMap((one) => [one, ...one.lets]));
  const total = [...lets].reduce((sum, one) => sum + one.ownCost, cost);
  const level = [...direct].reduce((highest, one) => Math.max(highest, one.level + 1), 0);
  return { tree: node, type: node.type, cost: total, ownCost: cost, entries, level, lets };
}

function checkWhole(expression: Expression, { type, cost }: CheckedExpression, expected: Type | undefined): Problem | undefined {
  if (expected !== undefined && unify(type, expected) === undefined) {
    return problemAt(expression, "E_TYPE", `expected ${formatType(expected)}, this is ${formatType(type)}`);
  }
  if (cost <= limits.cost) return undefined;
  const message = `this could take ${cost} steps, and ${limits.cost} are allowed`;
  return problemAt(expression, "E_COST", message, `lists from facts count as ${limits.assumedEntries} entries; put long lists into a set`);
}

const CHECKS: ByKind<Expression, Scope, Judgement | undefined> = {
  bool: checkPlain,
  int: checkPlain,
  double: checkPlain,
  duration: checkPlain,
  string: checkPlain,
  regex: (expression, scope) =>
    refuse(scope, expression, ["E_REGEX", "a regular expression stands behind '=~'", "write text =~ /pattern/"]),
  list: checkList,
  map: checkMap,
  name: checkName,
  select: checkName,
  index: checkIndex,
  call: checkAnyCall,
  and: checkLogic,
  or: checkLogic,
  not: checkNot,
  negate: checkNegation,
  conditional: checkConditional,
  binary: (expression, scope) => BINARY_CHECKS[expression.operator](expression, scope),
};

const BINARY_CHECKS: Record<BinaryOperator, (expression: BinaryExpression, scope: Scope) => Judgement | undefined> = {
  "==": checkEquality,
  "!=": checkEquality,
  "<": checkOrder,
  "<=": checkOrder,
  ">": checkOrder,
  ">=": checkOrder,
  in: checkMembership,
  "not in": checkMembership,
  "=~": (expression, scope) => checkRegex(expression, { subject: expression.left, pattern: expression.right, whole: true }, scope),
  "??": checkDefault,
  "+": checkArithmetic,
  "-": checkArithmetic,
  "*": checkArithmetic,
  "/": checkArithmetic,
  "%": checkArithmetic,
};

function check(expression: Expression, scope: Scope): Judgement | undefined {
  return dispatch(CHECKS, expression, scope);
}

function checkAnyCall(call: CallExpression, scope: Scope): Judgement | undefined {
  if (call.target === undefined) return call.name === "has" ? checkHas(call, scope) : checkFunction(call, scope);
  const macro = macroNamed(call.name);
  return macro === undefined ? checkFunction(call, scope) : checkMacro(call, macro, scope);
}

/** CEL has `matches` both as a method and as a function. */
function checkFunction(call: CallExpression, scope: Scope): Judgement | undefined {
  if (call.name !== "matches") return checkCall(call, scope);
  const [subject, pattern, ...rest] = call.target === undefined ? call.items : [call.target, ...call.items];
  if (subject === undefined || rest.length > 0) return refuse(scope, call, ["E_TYPE", "'matches' takes a text and a pattern"]);
  return checkRegex(call, { subject, pattern, whole: false }, scope);
}
