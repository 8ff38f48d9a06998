import { collectionFunctions } from "./collection-functions.ts";
import { conversionFunctions } from "./conversion-functions.ts";
import { didYouMean } from "./did-you-mean.ts";
import { accepts, type FunctionDefinition } from "./function-definition.ts";
import { checkAll, judge, type Judgement, refuse, type Scope, totalCost } from "./judgement.ts";
import { limits } from "./limits.ts";
import { networkFunctions } from "./network-functions.ts";
import { EvalError, isTrouble } from "./outcome.ts";
import type { Span } from "./problem.ts";
import type { CallExpression } from "./syntax.ts";
import { textFunctions } from "./text-functions.ts";
import { timeFunctions } from "./time-functions.ts";
import type { Overload, Typed } from "./typed.ts";
import { formatType, type Type } from "./value-type.ts";

const functions: ReadonlyMap<string, readonly FunctionDefinition[]> = Map.groupBy(
  [...conversionFunctions, ...textFunctions, ...timeFunctions, ...networkFunctions, ...collectionFunctions],
  ({ name }) => name,
);

/** Conversions of a literal happen at load, so that a wrong one is told there and a right one costs nothing. */
const AT_LOAD: ReadonlySet<string> = new Set(["timestamp", "duration", "ip", "cidr", "host", "version"]);

/** Every function and method by name, with the types it takes: for completion and documentation. */
export function describeFunctions(): readonly { readonly name: string; readonly signatures: readonly string[] }[] {
  return [...functions].map(([name, overloads]) => ({ name, signatures: overloads.map(formatSignature) }));
}

export function callNode(span: Span, { name, result, run }: Overload, items: readonly Judgement[]): Typed {
  const overload = { name, result, run };
  return { kind: "call", overload, items: items.map(({ node }) => node), type: result, offset: span.offset, length: span.length };
}

/** A function or method that is no macro. */
export function checkCall(call: CallExpression, scope: Scope): Judgement | undefined {
  const { name, target } = isNamespaced(call, scope) ? { name: `ip.${call.name}`, target: undefined } : call;
  const overloads = functions.get(name)?.filter(({ style }) => (style === "method") === (target !== undefined)) ?? [];
  if (overloads.length === 0) return refuseName(call, scope);
  const items = checkAll(target === undefined ? call.items : [target, ...call.items], scope);
  if (items === undefined) return undefined;
  const found = items.map(({ node }) => node.type);
  const definition = overloads.find(({ parameters }) => {
    return (
      parameters.length === found.length && parameters.every((parameter, place) => accepts(parameter, found[place] ?? { kind: "nothing" }))
    );
  });
  if (definition === undefined) return refuseArguments(call, overloads, { scope, found });
  return atLoad(call, definition, { scope, items }) ?? judgeCall(call, definition, items);
}

function judgeCall(call: CallExpression, definition: FunctionDefinition, items: readonly Judgement[]): Judgement {
  const entries = definition.result.kind === "list" ? limits.assumedEntries : 1;
  return judge(callNode(call, definition, items), { cost: totalCost(items) + definition.cost, entries });
}

/** `ip.isCanonical(x)` looks like a method of an attribute `ip`, and is a function unless there is one. */
function isNamespaced(call: CallExpression, scope: Scope): boolean {
  const { target } = call;
  return target?.kind === "name" && target.name === "ip" && !scope.locals.has("ip") && scope.environment.attribute("ip") === undefined;
}

interface Arguments {
  readonly scope: Scope;
  readonly items: readonly Judgement[];
}

function atLoad(call: CallExpression, definition: FunctionDefinition, { scope, items }: Arguments): Judgement | undefined {
  const node = items[0]?.node;
  if (!AT_LOAD.has(definition.name) || items.length !== 1 || node?.kind !== "constant" || node.type.kind !== "string") return undefined;
  const value = definition.run(node.value);
  if (!isTrouble(value))
    return judge({ kind: "constant", value, type: definition.result, offset: call.offset, length: call.length }, { cost: 0 });
  refuse(scope, call, ["E_LITERAL", value instanceof EvalError ? value.message : "this cannot be read"]);
  return judge({ kind: "constant", value: false, type: definition.result, offset: call.offset, length: call.length }, { cost: 0 });
}

function refuseName(call: CallExpression, scope: Scope): undefined {
  const isMethod = call.target !== undefined;
  const other = functions.get(call.name)?.[0];
  const hint = other === undefined ? didYouMean(call.name, functions.keys()) : `write ${formatSignature(other)}`;
  return refuse(scope, call, ["E_UNKNOWN_FUNCTION", `there is no ${isMethod ? "method" : "function"} '${call.name}'`, hint]);
}

interface Mismatch {
  readonly scope: Scope;
  readonly found: readonly Type[];
}

function refuseArguments(call: CallExpression, overloads: readonly FunctionDefinition[], { scope, found }: Mismatch): undefined {
  const given = found.map(formatType).join(", ");
  return refuse(scope, call, ["E_TYPE", `'${call.name}' does not take (${given})`, `it is ${overloads.map(formatSignature).join(" or ")}`]);
}

function formatSignature({ name, style, parameters, result }: FunctionDefinition): string {
  const [first, ...rest] = parameters;
  const call = style === "method" ? `${first}.${name}(${rest.join(", ")})` : `${name}(${parameters.join(", ")})`;
  return `${call} -> ${formatType(result)}`;
}
