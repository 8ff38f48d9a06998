import { formatStringLiteral } from "../../policy/index.ts";
import { formatPolicy } from "../format/format-policy.ts";
import { type Importing, importCondition } from "./import-condition.ts";
import { CannotImport, type ImportNote, ImportNotes } from "./import-notes.ts";
import { importVariables, type Variables } from "./import-variables.ts";
import type { OriginalBlock, OriginalPolicy, OriginalRoute } from "./original-tree.ts";
import { parseOriginal } from "./parse-original.ts";

export type Imported =
  | {
      readonly kind: "imported";
      readonly text: string;
      readonly notes: readonly ImportNote[];
      readonly policies: number;
      readonly routes: number;
    }
  | { readonly kind: "refused"; readonly line: number; readonly column: number; readonly message: string };

/**
 * A file of the original Portail ACL as a policy that decides the same: a requirement that fails goes on to the next policy, a pattern is
 * looked for anywhere. What was changed is told, and written on top of the file.
 */
export function importOriginal(text: string, file: string): Imported {
  const parsed = parseOriginal(text);
  if (parsed.kind === "refused") return parsed;
  try {
    return importBlocks(parsed.file.blocks, file);
  } catch (cause) {
    if (!(cause instanceof CannotImport)) throw cause;
    return { kind: "refused", line: cause.line, column: 1, message: cause.message };
  }
}

function importBlocks(blocks: readonly OriginalBlock[], file: string): Imported {
  const notes = new ImportNotes();
  const importing: Importing = { variables: importVariables(blocks, notes), notes };
  const names = new Set<string>();
  const written = blocks.map((block) => {
    const name = freeName(block, { names, notes });
    return block.kind === "policy" ? writePolicy(block, name, importing) : writeRoute(block, name, importing);
  });
  const policies = blocks.filter(({ kind }) => kind === "policy").length;
  const routes = blocks.length - policies;
  const head = [
    `Imported from ${file.replaceAll(/[\r\n]/g, " ")}: ${policies} policies, ${routes} routes.`,
    ...(notes.all.length === 0 ? [] : ["What was changed, by the lines of that file:"]),
    ...notes.all.map(({ line, message }) => `  ${line}: ${message.replaceAll(/[\r\n]/g, " ")}`),
  ];
  const source = ["portail policy 1", ...head.map((line) => `# ${line}`), "", ...declare(importing.variables), ...written].join("\n");
  const formatted = formatPolicy(source);
  if (formatted.kind === "refused")
    throw new Error(`the import wrote what cannot be read: ${formatted.problems[0]?.message ?? ""}\n${source}`);
  return { kind: "imported", text: formatted.text, notes: notes.all, policies, routes };
}

/** Attributes that the vocabulary lacks. Who provides them is for the configuration to say. */
function declare(variables: Variables): readonly string[] {
  const declared = [...variables].filter(([, { isDeclared }]) => isDeclared);
  return declared.map(([original, { path, type }]) => `attribute ${path}: ${type} { source acl(${formatStringLiteral(original)}) }`);
}

interface Names {
  readonly names: Set<string>;
  readonly notes: ImportNotes;
}

/** Names here begin with a letter, and a policy and a route cannot share one. */
function freeName({ name, kind, line }: OriginalBlock, { names, notes }: Names): string {
  const word = name
    .replaceAll(/[^A-Za-z0-9_-]/g, "_")
    .replaceAll(/-+/g, "-")
    .replaceAll(/^-|-$/g, "");
  let free = /^[A-Za-z_]/.test(word) ? word : `${kind}-${word === "" ? "x" : word}`;
  if (names.has(free)) free = `${kind}-${free}`;
  while (names.has(free)) free += "-x";
  names.add(free);
  if (free !== name) notes.add(line, `the ${kind} '${name}' is now called '${free}'`);
  return free;
}

function writePolicy({ when, require, action, line, ...policy }: OriginalPolicy, name: string, importing: Importing): string {
  const condition = when && importCondition(when, importing);
  const requirement = require && importCondition(require, importing);
  if (action.kind === "allow") {
    if (requirement !== undefined)
      importing.notes.add(line, `'${policy.name}': when the requirement fails, the next policy is asked (else next), as before`);
    const lines = [
      ...(condition === undefined ? [] : [`when ${condition}`]),
      ...(requirement === undefined ? [] : [`require ${requirement} else next`]),
    ];
    return `policy ${name} { ${lines.join("\n")} allow }`;
  }
  if (requirement !== undefined)
    importing.notes.add(
      line,
      `'${policy.name}': the requirement of a ${action.kind} is part of its condition, because that is what it did`,
    );
  const both = [condition, requirement].filter((part) => part !== undefined);
  return `policy ${name} { ${both.length === 0 ? "" : `when ${both.join(" and ")}`} ${writeRefusal({ action, line, name: policy.name }, importing)} }`;
}

interface Refusing {
  readonly action: Exclude<OriginalPolicy["action"], { readonly kind: "allow" }>;
  readonly line: number;
  readonly name: string;
}

function writeRefusal({ action, line, name }: Refusing, { notes }: Importing): string {
  if (action.kind === "deny") {
    if (action.template !== undefined) {
      notes.add(
        line,
        `'${name}': the template ${formatStringLiteral(action.template)} is not used; write what the person should read as say "…"`,
      );
    }
    return "deny";
  }
  const url = URL.parse(action.url);
  if ((url?.protocol === "https:" || url?.protocol === "http:") && url.username === "" && url.password === "") {
    return `redirect ${formatStringLiteral(action.url)}`;
  }
  notes.add(line, `'${name}': ${formatStringLiteral(action.url)} is no web link, so this is a deny; it was a redirect`);
  return "deny";
}

function writeRoute({ when, use }: OriginalRoute, name: string, importing: Importing): string {
  const condition = when === undefined ? "" : `when ${importCondition(when, importing)}`;
  return `route ${name} { ${condition} use [${use.map(formatStringLiteral).join(", ")}] }`;
}
