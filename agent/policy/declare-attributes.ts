import type { FactValue } from "../connection/index.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { formatType, parseType, type Type, TokenStream } from "./expression/index.ts";
import { readLiteral } from "./fixture-value.ts";
import { suggest } from "./suggest.ts";
import type { AttributeBlock } from "./tree.ts";
import { type Attribute, type AttributeClass, attributeClasses, type AttributeTable, vocabulary } from "./vocabulary.ts";

/** The built-in words and those that the policy adds or refines. */
export function declareAttributes(blocks: readonly AttributeBlock[], diagnostics: Diagnostics): AttributeTable {
  const table = new Map(vocabulary);
  const seen = new Set<string>();
  for (const block of blocks) {
    const path = block.name.text;
    if (seen.has(path)) diagnostics.error(block.name, "E_DUPLICATE", `the attribute '${path}' is declared twice`);
    seen.add(path);
    const attribute = declareOne(block, diagnostics);
    if (attribute !== undefined) table.set(path, attribute);
  }
  return table;
}

function declareOne(block: AttributeBlock, diagnostics: Diagnostics): Attribute | undefined {
  const path = block.name.text;
  const builtIn = vocabulary.get(path);
  const type = declaredType(block, builtIn, diagnostics);
  if (type === undefined) return undefined;
  const cls = declaredClass(block, diagnostics) ?? builtIn?.class ?? "internal";
  const fallback = declaredFallback(block, type, diagnostics);
  if (block.staleMs !== undefined && block.maxAgeMs === undefined) {
    diagnostics.error(block.name, "E_ATTRIBUTE", "'stale' says how long after max_age; max_age is missing");
  }
  return {
    path,
    type: formatType(type),
    optional: block.optional || builtIn?.optional === true,
    class: cls,
    group: builtIn?.group ?? "declared",
    ...provenanceOf(block),
    ...(fallback !== undefined && { fallback }),
    line: diagnostics.lines.lineOf(block.name.offset),
  };
}

function provenanceOf({ source, maxAgeMs, staleMs }: AttributeBlock): Pick<Attribute, "source" | "maxAgeMs" | "staleMs"> {
  return {
    ...(source && { source: { name: source.name.text, ...(source.argument !== undefined && { argument: source.argument }) } }),
    ...(maxAgeMs !== undefined && { maxAgeMs }),
    ...(staleMs !== undefined && { staleMs }),
  };
}

function declaredType(block: AttributeBlock, builtIn: Attribute | undefined, diagnostics: Diagnostics): Type | undefined {
  const path = block.name.text;
  if (builtIn?.group === "decision") {
    diagnostics.error(block.name, "E_ATTRIBUTE", `'${path}' is made by the decision and cannot be declared`);
    return undefined;
  }
  if (builtIn === undefined && !path.includes(".")) {
    diagnostics.error(block.name, "E_ATTRIBUTE", `an attribute needs a group: 'user.${path}', 'device.${path}'`);
    return undefined;
  }
  if (builtIn === undefined && block.type === undefined) {
    diagnostics.error(
      block.name,
      "E_ATTRIBUTE",
      `'${path}' is not built in, so it needs a type`,
      suggest(path, vocabulary.keys()) ?? `write 'attribute ${path}: string { … }'`,
    );
    return undefined;
  }
  if (builtIn !== undefined && block.type !== undefined && formatType(block.type.type) !== builtIn.type) {
    diagnostics.error(block.type.at, "E_ATTRIBUTE", `'${path}' is built in with type ${builtIn.type}`);
    return undefined;
  }
  return block.type?.type ?? (builtIn && typeOf(builtIn));
}

function declaredClass(block: AttributeBlock, diagnostics: Diagnostics): AttributeClass | undefined {
  const word = block.class;
  if (word === undefined) return undefined;
  const cls = attributeClasses.find((candidate) => candidate === word.text);
  if (cls === undefined) {
    diagnostics.error(
      word,
      "E_CLASS",
      `'${word.text}' is no class`,
      suggest(word.text, attributeClasses) ?? `classes are ${attributeClasses.join(", ")}`,
    );
  }
  return cls;
}

function declaredFallback(block: AttributeBlock, type: Type, diagnostics: Diagnostics): FactValue | undefined {
  if (block.fallback === undefined) return undefined;
  const read = readLiteral(block.fallback, type);
  if (read.kind === "bad") {
    diagnostics.error(block.fallback.at, "E_VALUE", `the fallback does not fit: ${read.why}`);
    return undefined;
  }
  diagnostics.warn(
    block.name,
    "W_FALLBACK",
    `while '${block.name.text}' is unknown, rules see the fallback instead of refusing`,
    "if that is meant, write '# portail: allow W_FALLBACK' on the line above",
  );
  return read.value;
}

/** The type of an attribute of the table as the checker knows it. */
export function typeOf(attribute: Attribute): Type {
  const type = parseType(new TokenStream(attribute.type));
  if (type === undefined) throw new Error(`the vocabulary names no type: ${attribute.type}`);
  return type;
}
