import type { Diagnostics } from "./diagnostics.ts";
import {
  createHostMatcher,
  createNetMatcher,
  type HostPattern,
  type NamedSet,
  type Network,
  parseHostPattern,
  parseNetPattern,
  types,
} from "./expression/index.ts";
import { HostTable } from "./host-table.ts";
import type { LoadOptions } from "./policy.ts";
import type { SetBlock, Word } from "./tree.ts";

/** The set as conditions see it; `undefined` after a mistake, which is noted. */
export function declareSet(block: SetBlock, options: LoadOptions, diagnostics: Diagnostics): NamedSet | undefined {
  if (block.reference !== undefined) return readReference(block.reference, block.of, { options, diagnostics });
  if (block.of === "hosts") return hostSet(block.entries, diagnostics);
  if (block.of === "nets") return netSet(block.entries, diagnostics);
  return { kind: "values", type: types.string, values: new Set(block.entries.map((entry) => entry.text)) };
}

function hostSet(entries: readonly Word[], diagnostics: Diagnostics): NamedSet | undefined {
  const patterns: HostPattern[] = [];
  for (const entry of entries) {
    const parsed = parseHostPattern(entry.text);
    if (parsed.kind === "pattern") patterns.push(parsed.pattern);
    else diagnostics.error(entry, "E_HOST_PATTERN", parsed.message, parsed.hint);
  }
  if (patterns.length !== entries.length) return undefined;
  return { kind: "hosts", matcher: createHostMatcher(patterns), patterns: entries.map((entry) => entry.text) };
}

function netSet(entries: readonly Word[], diagnostics: Diagnostics): NamedSet | undefined {
  const networks: Network[] = [];
  for (const entry of entries) {
    const network = parseNetPattern(entry.text);
    if (network !== undefined) networks.push(network);
    else
      diagnostics.error(
        entry,
        "E_NET_PATTERN",
        `'${entry.text}' is not a network`,
        "networks look like 10.0.0.0/8, without bits behind the prefix",
      );
  }
  return networks.length === entries.length ? { kind: "nets", matcher: createNetMatcher(networks) } : undefined;
}

interface Reading {
  readonly options: LoadOptions;
  readonly diagnostics: Diagnostics;
}

function readReference(reference: Word, of: SetBlock["of"], reading: Reading): NamedSet | undefined {
  const bytes = contentOf(reference, reading);
  if (bytes === undefined) return undefined;
  if (of === "hosts") return hostTable(reference, bytes, reading.diagnostics);
  return netsFromLines(reference, bytes, reading.diagnostics);
}

/** SECURITY: the content must have the hash that the policy names, whoever delivered it. */
function contentOf(reference: Word, { options, diagnostics }: Reading): Uint8Array | undefined {
  if (!/^sha256:[0-9a-f]{64}$/.test(reference.text)) {
    diagnostics.error(reference, "E_SET", "a set's file is named by its hash", "sha256: and 64 letters of 0-9 a-f");
    return undefined;
  }
  const content = options.readSet?.(reference.text);
  if (content === undefined) {
    diagnostics.error(reference, "E_SET", `the file of this set was not found: ${reference.text.slice(0, 20)}…`);
    return undefined;
  }
  if (`sha256:${options.hash(content)}` !== reference.text) {
    diagnostics.error(reference, "E_SET", "the file of this set has another content than its hash says");
    return undefined;
  }
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}

function hostTable(reference: Word, bytes: Uint8Array, diagnostics: Diagnostics): NamedSet | undefined {
  const parsed = HostTable.parse(bytes);
  if (parsed.kind === "table") return { kind: "hosts", matcher: parsed.table };
  const place = parsed.line === 0 ? "" : `line ${parsed.line}: `;
  diagnostics.error(reference, "E_SET", `${place}${parsed.why}${parsed.entry === "" ? "" : `: ${JSON.stringify(parsed.entry)}`}`);
  return undefined;
}

function netsFromLines(reference: Word, bytes: Uint8Array, diagnostics: Diagnostics): NamedSet | undefined {
  const lines = new TextDecoder().decode(bytes).split("\n");
  const networks: Network[] = [];
  for (const [index, line] of lines.entries()) {
    const entry = line.trim();
    if (entry === "" || entry.startsWith("#")) continue;
    const network = parseNetPattern(entry);
    if (network === undefined) {
      diagnostics.error(reference, "E_SET", `line ${index + 1}: not a network: ${JSON.stringify(entry.slice(0, 80))}`);
      return undefined;
    }
    networks.push(network);
  }
  return { kind: "nets", matcher: createNetMatcher(networks) };
}
