import { type Attribute, formatDurationLiteral, type Item } from "../policy/index.ts";
import type { PolicyView } from "./policy-view.ts";
import type { MarkupContent } from "./protocol.ts";

export function markdown(...paragraphs: readonly string[]): MarkupContent {
  return { kind: "markdown", value: paragraphs.filter((text) => text !== "").join("\n\n") };
}

/** A piece of policy, shown as such. The fence is longer than any that the text could close it with. */
export function code(text: string): string {
  const ticks = text.match(/`{3,}/g)?.reduce((longest, run) => (run.length > longest.length ? run : longest), "```") ?? "``";
  return `${ticks}\`portail\n${text}\n${ticks}\``;
}

/** Type, class, source, age limits, fallback: what a condition may count on. */
export function describeAttribute(attribute: Attribute): readonly string[] {
  const { path, type, source, maxAgeMs, staleMs, fallback } = attribute;
  const facts = [`class **${attribute.class}**`];
  if (source !== undefined) facts.push(`source **${source.name}${source.argument === undefined ? "" : `("${source.argument}")`}**`);
  if (maxAgeMs !== undefined) facts.push(`at most ${formatDurationLiteral(maxAgeMs)} old`);
  if (staleMs !== undefined) facts.push(`stale for ${formatDurationLiteral(staleMs)} more, then unknown`);
  return [
    code(`${path}: ${type}`),
    `${attribute.line === undefined ? "Built in" : attribute.group === "declared" ? "Declared here" : "Built in, refined here"}; ${facts.join("; ")}.`,
    attribute.optional ? "Optional: it may be absent. Guard it with `has()` or give a default with `??`." : "",
    fallback === undefined ? "" : `While it is unknown, rules see \`${JSON.stringify(fallback)}\`.`,
    attribute.group === "decision" ? "Made by the decision: only a `reveal` can name it." : "",
  ];
}

/** Longest piece of a block that a hover shows. */
const MAX_LINES = 12;

/** A block by its own text; a rule by what it does. */
export function describeItem(view: PolicyView, item: Item): readonly string[] {
  const lines = view.textOf(item.at).split(/\r\n|\n|\r/);
  const shown = lines.length > MAX_LINES ? [...lines.slice(0, MAX_LINES), "…"] : lines;
  return [code(shown.join("\n")), summaryOf(item)];
}

/** The action as written, without its sentences, on one line. */
export function actionOf(view: PolicyView, item: Extract<Item, { readonly kind: "guard" | "policy" }>): string {
  const written = view.textOf(item.action.at).replace(/\s+(?:say|help)\s+"(?:[^"\\]|\\.)*"/g, "");
  return written.replace(/\s+/g, " ");
}

function summaryOf(item: Item): string {
  if (item.kind === "set") return item.reference === undefined ? `${item.entries.length} entries` : "entries from a file";
  if (item.kind === "policy" && item.requires.length > 0) {
    return `Requires ${item.requires.map(({ label }) => `\`${label.text}\``).join(", ")}.`;
  }
  return "";
}
