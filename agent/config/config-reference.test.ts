import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { formatConfigReference } from "./config-reference.ts";
import { configJsonSchema, type JsonSchema } from "./config-schema.ts";

const read = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
const REMEDY = "run: node build/scripts/config-reference.mjs";

test("the checked-in JSON Schema is the one that the agent checks by", () => {
  expect(JSON.parse(read("resources/schemas/portail-config.schema.json")), REMEDY).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
});

test("the reference page is the one that the schema makes", () => {
  expect(read("docs/configuration.md"), REMEDY).toBe(formatConfigReference());
});

test("every key of the schema has a description", () => {
  const bare: string[] = [];
  const visit = (schema: JsonSchema, path: string): void => {
    for (const [key, child] of Object.entries(schema.properties ?? {})) {
      if (child.description === undefined) bare.push(`${path}.${key}`);
      visit(child, `${path}.${key}`);
    }
    for (const child of [schema.additionalProperties, schema.items, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) {
      if (typeof child === "object") visit(child, path);
    }
  };
  visit(configJsonSchema(), "");
  expect(bare).toEqual([]);
});
