import type { Type as ProtoType } from "@bufbuild/cel-spec/cel/expr/checked_pb.js";
import type { Value as ProtoValue } from "@bufbuild/cel-spec/cel/expr/value_pb.js";
import type { IncrementalTest } from "@bufbuild/cel-spec/testdata/tests.js";
import {
  type CheckedExpression,
  checkExpression,
  compileExpression,
  EvalError,
  formatType,
  isTrouble,
  LazyFrame,
  listOf,
  MapEnvironment,
  mapOf,
  type Outcome,
  parseWholeExpression,
  SlotTable,
  type Type,
  types,
  Unknown,
  type Value,
} from "./index.ts";

/** A value of the test data as our engine holds it; `undefined` for one that the profile cannot hold. */
export function toValue(value: ProtoValue | undefined): Value | undefined {
  switch (value?.kind.case) {
    case "boolValue":
    case "stringValue":
    case "doubleValue":
      return value.kind.value;
    case "int64Value":
      return Number(value.kind.value);
    case "listValue":
      return value.kind.value.values.map((entry) => toValue(entry) ?? "outside the profile");
    case "mapValue":
      return new Map(value.kind.value.entries.map((entry) => [toValue(entry.key) ?? "", toValue(entry.value) ?? "outside the profile"]));
    case "objectValue":
      return decodeTime(value.kind.value.value);
    case undefined:
    case "bytesValue":
    case "enumValue":
    case "nullValue":
    case "typeValue":
    case "uint64Value":
      return undefined;
  }
}

/** Timestamp and Duration are two varints each: field 1 holds seconds, field 2 nanoseconds. */
function decodeTime(bytes: Uint8Array): number {
  const fields = [0, 0, 0];
  for (let at = 0; at < bytes.length; ) {
    const field = (bytes[at] ?? 0) >> 3;
    let value = 0n;
    let shift = 0n;
    do {
      at += 1;
      value |= BigInt((bytes[at] ?? 0) & 127) << shift;
      shift += 7n;
    } while ((bytes[at] ?? 0) > 127);
    at += 1;
    fields[field] = Number(BigInt.asIntN(64, value));
  }
  return (fields[1] ?? 0) * 1000 + Math.trunc((fields[2] ?? 0) / 1e6);
}

const PRIMITIVES: readonly (Type | undefined)[] = [undefined, types.bool, types.int, undefined, types.double, types.string];
const WELL_KNOWN: ReadonlyMap<string, Type> = new Map<string, Type>([
  ["google.protobuf.Timestamp", types.timestamp],
  ["google.protobuf.Duration", types.duration],
]);

/** A declared type; `undefined` for one outside the profile. */
export function toType(type: ProtoType | undefined): Type | undefined {
  const kind = type?.typeKind;
  if (kind?.case === "primitive") return PRIMITIVES[kind.value];
  if (kind?.case === "wellKnown") return [undefined, undefined, types.timestamp, types.duration][kind.value];
  if (kind?.case === "messageType") return WELL_KNOWN.get(kind.value);
  if (kind?.case === "listType") {
    const entry = toType(kind.value.elemType);
    return entry && listOf(entry);
  }
  if (kind?.case !== "mapType") return undefined;
  const key = toType(kind.value.keyType);
  const value = toType(kind.value.valueType);
  return key && value && mapOf(key, value);
}

function load({ original }: IncrementalTest): CheckedExpression | EvalError {
  const environment = new MapEnvironment();
  for (const { name, declKind } of original.typeEnv) {
    const type = declKind.case === "ident" ? toType(declKind.value.type) : undefined;
    if (type !== undefined) environment.attributes.set(name, { type, optional: false });
  }
  const { expression, stream } = parseWholeExpression(original.expr);
  if (expression === undefined) return new EvalError(stream.problems.map(({ message }) => message).join("; "));
  const result = checkExpression(expression, environment);
  return result.kind === "checked" ? result.checked : new EvalError(result.problems.map(({ message }) => message).join("; "));
}

/** The type that our checker finds, as cel-go writes types; `undefined` for a program that it refuses. */
export function typeOfTest(test: IncrementalTest): string | undefined {
  const checked = load(test);
  if (checked instanceof EvalError) return undefined;
  return formatType(checked.type).replaceAll("<", "(").replaceAll(">", ")").replaceAll("nothing", "dyn");
}

/** The same program in our engine: a load error counts as an evaluation error. */
export function runTest(test: IncrementalTest): Outcome {
  const { original } = test;
  const checked = load(test);
  if (checked instanceof EvalError) return checked;
  const table = new SlotTable();
  const evaluate = compileExpression(checked, table);
  return evaluate(new LazyFrame(table, (path) => boundValue(original, path) ?? new Unknown([path])));
}

function boundValue(original: IncrementalTest["original"], path: string): Value | undefined {
  const binding = original.bindings[path];
  return binding?.kind.case === "value" ? toValue(binding.kind.value) : undefined;
}

/** What went wrong, or `undefined` for a test that is passed. */
export function failureOf(test: IncrementalTest): string | undefined {
  const outcome = runTest(test);
  const { resultMatcher } = test.original;
  if (resultMatcher.case === "evalError") return outcome instanceof EvalError ? undefined : `expected an error, got ${show(outcome)}`;
  const wanted =
    resultMatcher.case === "value"
      ? toValue(resultMatcher.value)
      : resultMatcher.case === "typedResult"
        ? toValue(resultMatcher.value.result)
        : true;
  if (isTrouble(outcome)) return show(outcome);
  return wanted !== undefined && equalValues(outcome, wanted) ? undefined : `expected ${show(wanted ?? "?")}, got ${show(outcome)}`;
}

function equalValues(one: Value, other: Value): boolean {
  if (Array.isArray(one))
    return (
      Array.isArray(other) && one.length === other.length && one.every((entry, place) => equalValues(entry as Value, other[place] as Value))
    );
  if (one instanceof Map)
    return (
      other instanceof Map &&
      one.size === other.size &&
      [...one].every(([key, value]) => other.has(key) && equalValues(value as Value, other.get(key) as Value))
    );
  return Object.is(one, other);
}

function show(outcome: Outcome): string {
  return typeof outcome === "object" ? JSON.stringify(outcome instanceof Map ? [...outcome] : outcome) : JSON.stringify(outcome);
}
