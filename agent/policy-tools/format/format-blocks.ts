import { formatDurationLiteral, formatStringLiteral, formatType, type Item, type RevealTarget, type Word } from "../../policy/index.ts";
import { layFixture, layTest } from "./format-tests.ts";
import { formatValue } from "./format-value.ts";
import { layExpression } from "./lay-expression.ts";
import { layGuard, layPolicy } from "./format-rules.ts";
import { layBody, layWords } from "./lay-block.ts";
import type { Sheet } from "./sheet.ts";

type Of<K extends Item["kind"]> = Extract<Item, { readonly kind: K }>;

/** Write one block in its one layout. */
export function layItem(sheet: Sheet, item: Item): void {
  sheet.keepGap(item.at.offset);
  switch (item.kind) {
    case "attribute":
      return layAttribute(sheet, item);
    case "set":
      return laySet(sheet, item);
    case "let":
      return layExpression(sheet, item.value, { indent: 0, head: `let ${item.name.text} = `, tail: "" });
    case "lifeline":
      return sheet.put(0, `lifeline ${item.name.text} ${formatStringLiteral(item.target.text)}`);
    case "guard":
      return layGuard(sheet, item);
    case "policy":
      return layPolicy(sheet, item);
    case "route":
      return layRoute(sheet, item);
    case "break_glass":
      return layBreakGlass(sheet, item);
    case "reveal":
      return layReveal(sheet, item);
    case "fixture":
      return layFixture(sheet, item);
    case "test":
      return layTest(sheet, item);
  }
}

function layAttribute(sheet: Sheet, item: Of<"attribute">): void {
  const { source, maxAgeMs, staleMs, fallback } = item;
  const before = [
    ...(source === undefined
      ? []
      : [`source ${source.name.text}${source.argument === undefined ? "" : `(${formatStringLiteral(source.argument)})`}`]),
    ...(maxAgeMs === undefined ? [] : [`max_age ${formatDurationLiteral(maxAgeMs)}`]),
    ...(staleMs === undefined ? [] : [`stale ${formatDurationLiteral(staleMs)}`]),
  ];
  const after = [...(item.class === undefined ? [] : [`class ${item.class.text}`]), ...(item.optional ? ["optional"] : [])];
  const type = item.type === undefined ? "" : `: ${formatType(item.type.type)}`;
  const whole = [...before, ...(fallback === undefined ? [] : [`fallback ${formatValue(fallback)}`]), ...after];
  layBody(sheet, item.at, {
    head: `attribute ${item.name.text}${type}`,
    lines: whole,
    broken: () => {
      for (const line of before) sheet.put(2, line);
      if (fallback !== undefined) {
        sheet.flush(fallback.at.offset, 2);
        sheet.put(2, `fallback ${formatValue(fallback)}`);
      }
      for (const line of after) sheet.put(2, line);
    },
  });
}

function laySet(sheet: Sheet, { name, of, entries, reference, at }: Of<"set">): void {
  const head = `set ${name.text} = ${of === "plain" ? "" : `${of} `}`;
  if (reference !== undefined) {
    sheet.flush(at.offset, 0);
    return sheet.put(0, `${head}from ${formatStringLiteral(reference.text)}`);
  }
  layWords(sheet, entries, { head, tail: "", indent: 0, at });
}

function layRoute(sheet: Sheet, { name, when, use, at }: Of<"route">): void {
  const backends = formatWords(use);
  layBody(sheet, at, {
    head: `route ${name.text}`,
    ...(when === undefined ? {} : { when }),
    lines: [`use ${backends}`],
    broken: () => {
      if (when !== undefined) layExpression(sheet, when, { indent: 2, head: "when ", tail: "" });
      layWords(sheet, use, { head: "use ", tail: "", indent: 2, at });
    },
  });
}

function layBreakGlass(sheet: Sheet, { name, note, when, maxMs, quorum, keys, at }: Of<"break_glass">): void {
  sheet.flush(at.offset, 0);
  sheet.put(0, `break_glass ${name.text} {`);
  if (note !== undefined) sheet.put(2, `note ${formatStringLiteral(note)}`);
  layExpression(sheet, when, { indent: 2, head: "when ", tail: "" });
  layWords(sheet, keys, { head: `max ${formatDurationLiteral(maxMs)} quorum ${quorum} keys `, tail: "", indent: 2, at });
  sheet.flush(at.offset + at.length, 2);
  sheet.put(0, "}");
}

function layReveal(sheet: Sheet, { name, to, when, lines, at }: Of<"reveal">): void {
  const parts = lines.map(({ how, what }) => `${how} ${what.map(formatTarget).join(", ")}`);
  layBody(sheet, at, {
    head: `reveal ${name.text} to ${to.text}`,
    lines: parts,
    isBroken: lines.length + (when === undefined ? 0 : 1) > 1,
    broken: () => {
      if (when !== undefined) layExpression(sheet, when, { indent: 2, head: "when ", tail: "" });
      for (const [index, part] of parts.entries()) {
        sheet.flush(lines[index]?.what[0]?.at.offset ?? 0, 2);
        sheet.put(2, part);
      }
    },
  });
}

function formatTarget(target: RevealTarget): string {
  if (target.kind === "all") return "*";
  if (target.kind === "path") return target.path;
  return `class(${target.classes.map((word) => word.text).join(", ")})`;
}

function formatWords(words: readonly Word[]): string {
  return `[${words.map((word) => formatStringLiteral(word.text)).join(", ")}]`;
}
