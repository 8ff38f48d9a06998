import { checkCondition, judge, type Judgement, refuse, type Scope } from "./judgement.ts";
import { limits } from "./limits.ts";
import { isReservedWord } from "./parse-operand.ts";
import type { CallExpression, Expression } from "./syntax.ts";
import type { Macro } from "./typed.ts";
import { formatType, listOf, type Type, types } from "./value-type.ts";

const MACROS: ReadonlyMap<string, Macro> = new Map<string, Macro>([
  ["all", "all"],
  ["exists", "exists"],
  ["exists_one", "exists_one"],
  ["existsOne", "exists_one"],
  ["filter", "filter"],
  ["map", "map"],
]);

export function macroNamed(name: string): Macro | undefined {
  return MACROS.get(name);
}

/** `list.exists(x, …)` and its kin; over a map they walk its keys. */
export function checkMacro(call: CallExpression, macro: Macro, scope: Scope): Judgement | undefined {
  const [variable, first, second] = call.items;
  const takesTwo = macro === "map" && call.items.length === 3;
  if (call.target === undefined || first === undefined || call.items.length !== (takesTwo ? 3 : 2) || variable?.kind !== "name") {
    return refuse(scope, call, ["E_SYNTAX", `'${macro}' takes a variable and a condition`, `write list.${macro}(x, …)`]);
  }
  if (isReservedWord(variable.name)) return refuse(scope, variable, ["E_SYNTAX", `'${variable.name}' is a reserved word`]);
  if (scope.macros >= limits.comprehensions) {
    return refuse(scope, call, [
      "E_COST",
      `at most ${limits.comprehensions} macros may stand inside each other`,
      "give the inner one a name with let",
    ]);
  }
  const source = scope.check(call.target, scope);
  if (source === undefined) return undefined;
  const { type } = source.node;
  if (type.kind !== "list" && type.kind !== "map") {
    return refuse(scope, call.target, ["E_TYPE", `'${macro}' walks a list or a map, this is ${formatType(type)}`]);
  }
  const entry = type.kind === "list" ? type.entry : type.key;
  const locals = new Map(scope.locals).set(variable.name, { index: scope.macros, type: entry });
  const body = checkBody({ macro, first, second }, { ...scope, locals, macros: scope.macros + 1 });
  return body && judgeMacro(call, macro, { source, body, entry, index: scope.macros });
}

interface Body {
  readonly predicate: Judgement | undefined;
  readonly transform: Judgement | undefined;
}

interface BodyParts {
  readonly macro: Macro;
  readonly first: Expression;
  readonly second: Expression | undefined;
}

function checkBody({ macro, first, second }: BodyParts, scope: Scope): Body | undefined {
  if (macro === "map" && second === undefined) {
    const transform = scope.check(first, scope);
    return transform && { predicate: undefined, transform };
  }
  const predicate = checkCondition(first, scope, `the condition of '${macro}'`);
  const transform = second === undefined ? undefined : scope.check(second, scope);
  if (predicate === undefined || (second !== undefined && transform === undefined)) return undefined;
  return { predicate, transform };
}

interface Walk {
  readonly source: Judgement;
  readonly body: Body;
  readonly entry: Type;
  readonly index: number;
}

function judgeMacro(call: CallExpression, macro: Macro, { source, body, entry, index }: Walk): Judgement {
  const { predicate, transform } = body;
  const makesList = macro === "filter" || macro === "map";
  const type = makesList ? listOf(transform?.node.type ?? entry) : types.bool;
  const steps = 1 + (predicate?.cost ?? 0) + (transform?.cost ?? 0);
  const parts = { macro, source: source.node, index, predicate: predicate?.node, transform: transform?.node };
  const node = { kind: "comprehension", ...parts, type, offset: call.offset, length: call.length } as const;
  return judge(node, { cost: source.cost + source.entries * steps + 1, entries: makesList ? source.entries : 1 });
}
