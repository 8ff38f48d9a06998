import { z } from "zod";
import { configFileSchema } from "../contract/index.ts";
import type { Path } from "./yaml-tree.ts";

/** What this room reads of a JSON Schema; the generator writes more. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly writeOnly?: boolean;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

let generated: JsonSchema | undefined;

/** JSON Schema of `portail.yaml`, for editors: the output of `portail config schema`. */
export function configJsonSchema(): JsonSchema {
  if (generated === undefined) {
    const { $schema, ...rest } = z.toJSONSchema(configFileSchema, { io: "input" });
    generated = {
      $schema,
      $id: "https://portail.example/schemas/portail-config.schema.json",
      title: "portail.yaml",
      ...rest,
    } as JsonSchema;
  }
  return generated;
}

/** Every schema that may describe the value at a path, given the whole value: of alternatives, those whose `kind` fits. */
export function schemasAt(path: Path, whole: unknown): readonly JsonSchema[] {
  let schemas = alternatives(configJsonSchema(), whole);
  let value = whole;
  for (const step of path) {
    value = childOf(value, step);
    schemas = schemas.flatMap((schema) => childSchemas(schema, step)).flatMap((schema) => alternatives(schema, value));
  }
  return schemas;
}

/** Keys that may stand in the map at a path. */
export function knownKeysAt(path: Path, whole: unknown): readonly string[] {
  return [...new Set(schemasAt(path, whole).flatMap((schema) => Object.keys(schema.properties ?? {})))];
}

function childSchemas(schema: JsonSchema, step: PropertyKey): readonly JsonSchema[] {
  if (typeof step === "number") return schema.items === undefined ? [] : [schema.items];
  const named = schema.properties?.[String(step)];
  if (named !== undefined) return [named];
  return typeof schema.additionalProperties === "object" ? [schema.additionalProperties] : [];
}

function alternatives(schema: JsonSchema, value: unknown): readonly JsonSchema[] {
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices === undefined) return [schema];
  const kind = childOf(value, "kind");
  const fitting = choices.filter((choice) => kind !== undefined && choice.properties?.["kind"]?.const === kind);
  return (fitting.length > 0 ? fitting : choices).flatMap((choice) => alternatives(choice, value));
}

export function childOf(value: unknown, step: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? (Reflect.get(value, step) as unknown) : undefined;
}

export function valueAt(path: Path, whole: unknown): unknown {
  return path.reduce(childOf, whole);
}
