import type { Network } from "./network.ts";
import type { EvalError, Value } from "./outcome.ts";
import type { Run } from "./typed.ts";
import { listOf, type Type, types } from "./value-type.ts";

/** How JavaScript holds a value of each type that functions take and give. `list` and `map` stand for any of their kind. */
interface Held {
  bool: boolean;
  int: number;
  double: number;
  string: string;
  timestamp: number;
  duration: number;
  ip: string;
  host: string;
  version: string;
  cidr: Network;
  "list<string>": readonly string[];
  list: readonly Value[];
  map: ReadonlyMap<Value, Value>;
}

export type ParameterName = keyof Held;
type ResultName = Exclude<ParameterName, "list" | "map">;
type HeldAll<P extends readonly ParameterName[]> = { readonly [I in keyof P]: Held[P[I]] };

/** One function of the language. The first parameter of a method is what stands before the dot. */
export interface FunctionDefinition {
  readonly name: string;
  readonly style: "function" | "method" | "operator";
  readonly parameters: readonly ParameterName[];
  readonly result: Type;
  /** Steps, for the cost bound. */
  readonly cost: number;
  readonly run: Run;
}

interface Giving<P extends readonly ParameterName[]> {
  gives<R extends ResultName>(result: R, run: (...values: HeldAll<P>) => Held[R] | EvalError, cost?: number): FunctionDefinition;
}

function define<const P extends readonly ParameterName[]>(style: FunctionDefinition["style"], name: string, parameters: P): Giving<P> {
  return {
    // The checker admits a call only with arguments of these types; this is the one place that relies on it.
    gives: (result, run, cost = 1) => ({ name, style, parameters, result: typeNamed(result), cost, run: run as unknown as Run }),
  };
}

/** `name(a, b)` */
export function func<const P extends readonly ParameterName[]>(name: string, parameters: P): Giving<P> {
  return define("function", name, parameters);
}

/** `a.name(b)` */
export function method<const P extends readonly ParameterName[]>(name: string, parameters: P): Giving<P> {
  return define("method", name, parameters);
}

/** `a + b`, `-a` */
export function operator<const P extends readonly ParameterName[]>(name: string, parameters: P): Giving<P> {
  return define("operator", name, parameters);
}

function typeNamed(name: ResultName): Type {
  return name === "list<string>" ? listOf(types.string) : types[name];
}

/** Whether a value of the type may stand for the parameter. A host is a text too; `nothing` goes anywhere. */
export function accepts(parameter: ParameterName, type: Type): boolean {
  if (type.kind === "nothing" || type.kind === parameter) return true;
  if (parameter === "list<string>") return type.kind === "list" && accepts("string", type.entry);
  return parameter === "string" && type.kind === "host";
}
