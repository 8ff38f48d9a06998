import { configJsonSchema, type JsonSchema } from "./config-schema.ts";

const HEAD = `# Configuration: \`portail.yaml\`

<!-- Generated from agent/contract/config.ts by build/scripts/config-reference.mjs. Do not edit: a test compares it. -->

Without a file the agent runs on the defaults below. Unknown keys are errors, relative paths are relative to the file, secrets are
references (\`file:PATH\`, readable by the agent's user only), and a broken file changes nothing: the last good configuration stays in force.
\`portail config check FILE\` says what is wrong and where; \`portail config schema\` prints the JSON Schema for editors.
What this version does not serve yet is refused with \`E_NOT_YET\`; it is never ignored.

Durations: \`500ms\`, \`15s\`, \`5m\`, \`8h\`, \`90d\`, \`1h30m\`. Sizes: \`512KB\`, \`2GB\` (decimal), \`512KiB\`, \`2GiB\` (binary). Addresses to listen on:
\`127.0.0.1:1080\`, \`[::1]:1080\`, \`unix:/path\`, \`systemd:NAME\`; port 0 picks a free one.

| key | value | default | meaning |
| --- | --- | --- | --- |
`;

/** The reference page of the configuration file, in Markdown. */
export function formatConfigReference(): string {
  return `${HEAD}${rowsOf(configJsonSchema(), "", new Set()).join("\n")}\n`;
}

/** `told` are the alternatives that stand in the table already: what may be written in several places is told at the first. */
function rowsOf(schema: JsonSchema, prefix: string, told: Set<string>): string[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([key, child]) => {
    const path = `${prefix}${key}`;
    return [row({ path, schema: child, isRequired: required.has(key) }), ...rowsBelow(child, path, told)];
  });
}

/** Maps of names show what one entry holds; alternatives are told apart by their `kind`. */
function rowsBelow(schema: JsonSchema, path: string, told: Set<string>): string[] {
  if (schema.properties !== undefined) return rowsOf(schema, `${path}.`, told);
  if (schema.oneOf !== undefined && !told.has(JSON.stringify(schema))) {
    told.add(JSON.stringify(schema));
    return schema.oneOf.flatMap((choice) => rowsOf(choice, `${path} (${choice.properties?.["kind"]?.const}).`, told));
  }
  const entry = schema.additionalProperties;
  if (typeof entry !== "object") return [];
  return (entry.oneOf ?? [entry]).flatMap((choice) => {
    const kind = choice.properties?.["kind"]?.const;
    return rowsOf(choice, kind === undefined ? `${path}.NAME.` : `${path}.NAME (${kind}).`, told);
  });
}

function row({ path, schema, isRequired }: { readonly path: string; readonly schema: JsonSchema; readonly isRequired: boolean }): string {
  const fallback = defaultOf(schema, isRequired);
  return `| \`${path}\` | ${formOf(schema)} | ${fallback} | ${escape(schema.description ?? "")} |`;
}

function defaultOf(schema: JsonSchema, isRequired: boolean): string {
  if (isRequired) return "required";
  if (schema.default === undefined) return "";
  const text = typeof schema.default === "string" ? schema.default : JSON.stringify(schema.default);
  return text === "{}" || text === "[]" ? "empty" : `\`${escape(text)}\``;
}

const FORMS: Readonly<Record<string, string>> = {
  object: "map",
  array: "list",
  string: "text",
  integer: "whole number",
  boolean: "true or false",
};

function formOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${word}\``).join(", ");
  if (schema.oneOf !== undefined) return "map, by its `kind`";
  if (schema.anyOf !== undefined) return schema.anyOf.map(formOf).join(" or ");
  if (schema.type === "array" && schema.items !== undefined) return `list of ${formOf(schema.items)}`;
  if (schema.type === "integer") return `${schema.minimum} to ${schema.maximum}`;
  return FORMS[schema.type ?? ""] ?? "value";
}

function escape(text: string): string {
  return text.replaceAll("|", "\\|");
}
