/**
 * Writes what is made from the configuration's schema: the JSON Schema for editors and the reference page. A test of `agent/config`
 * compares both with what is checked in.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { configJsonSchema, formatConfigReference } from "../../agent/config/index.ts";

const pathOf = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const schemaPath = pathOf("resources/schemas/portail-config.schema.json");

writeFileSync(schemaPath, `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`);
writeFileSync(pathOf("docs/configuration.md"), formatConfigReference());
const formatted = spawnSync(pathOf("node_modules/.bin/biome"), ["format", "--write", schemaPath], { stdio: "inherit" });
process.exitCode = formatted.status ?? 1;
