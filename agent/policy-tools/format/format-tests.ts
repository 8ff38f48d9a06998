import {
  type Expectation,
  type FixtureBlock,
  type FixtureEntry,
  formatStringLiteral,
  type TestBlock,
  type Word,
} from "../../policy/index.ts";
import { formatValue } from "./format-value.ts";
import { layBody } from "./lay-block.ts";
import { maxWidth, type Sheet } from "./sheet.ts";

export function layFixture(sheet: Sheet, { name, values, at }: FixtureBlock): void {
  layBody(sheet, at, {
    head: `fixture ${name.text}`,
    lines: values.length === 0 ? [] : [values.map(formatEntry).join(", ")],
    broken: () => layEntries(sheet, values, 2),
  });
}

/** On one line when one thing is expected and it fits, else a statement a line. */
export function layTest(sheet: Sheet, { name, given, expectations, at }: TestBlock): void {
  const givens = given.map(formatGiven);
  const lines = [...(givens.length === 0 ? [] : [`given ${givens.join(", ")}`]), ...expectations.map(formatExpectation)];
  layBody(sheet, at, {
    head: `test ${formatStringLiteral(name.text)}`,
    lines,
    isBroken: expectations.length > 1,
    broken: () => {
      layGiven(sheet, given);
      for (const expectation of expectations) {
        sheet.flush(firstWord(expectation).offset, 2);
        sheet.put(2, formatExpectation(expectation));
      }
    },
  });
}

function layGiven(sheet: Sheet, given: TestBlock["given"]): void {
  if (given.length === 0) return;
  const line = `given ${given.map(formatGiven).join(", ")}`;
  const inside = spanOf(given);
  sheet.flush(inside.offset, 2);
  if (2 + line.length <= maxWidth && !sheet.hasComment(inside)) return sheet.put(2, line);
  const rows = rowsOf(given);
  for (const [index, row] of rows.entries()) {
    const tail = index === rows.length - 1 ? "" : ",";
    layRow(sheet, row, { indent: index === 0 ? 2 : 4, head: index === 0 ? "given " : "", tail });
  }
}

/** Names share a line; each block of values has its own. */
function rowsOf(given: TestBlock["given"]): readonly TestBlock["given"][] {
  const rows: TestBlock["given"][number][][] = [];
  for (const part of given) {
    const row = rows.at(-1);
    if (row !== undefined && "text" in part && row.every((other) => "text" in other)) row.push(part);
    else rows.push([part]);
  }
  return rows;
}

interface Place {
  readonly indent: number;
  readonly head: string;
  readonly tail: string;
}

function layRow(sheet: Sheet, row: TestBlock["given"], { indent, head, tail }: Place): void {
  const line = head + row.map(formatGiven).join(", ") + tail;
  const span = spanOf(row);
  const [values] = row;
  sheet.flush(span.offset, indent);
  if (values === undefined || "text" in values || (indent + line.length <= maxWidth && !sheet.hasComment(span))) {
    return sheet.put(indent, line);
  }
  sheet.put(indent, `${head}{`);
  layEntries(sheet, values, indent + 2);
  sheet.put(indent, `}${tail}`);
}

function layEntries(sheet: Sheet, entries: readonly FixtureEntry[], indent: number): void {
  for (const entry of entries) {
    sheet.flush(entry.path.offset, indent);
    sheet.put(indent, `${formatEntry(entry)},`);
  }
}

function formatEntry({ path, value }: FixtureEntry): string {
  return `${path.text}: ${formatValue(value)}`;
}

function formatGiven(part: TestBlock["given"][number]): string {
  if ("text" in part) return part.text;
  return part.length === 0 ? "{}" : `{ ${part.map(formatEntry).join(", ")} }`;
}

function spanOf(given: TestBlock["given"]): { readonly offset: number; readonly length: number } {
  const words = given.flatMap((part): readonly { readonly offset: number; readonly length: number }[] =>
    "text" in part ? [part] : part.flatMap(({ path, value }) => [path, value.at]),
  );
  const offset = words[0]?.offset ?? 0;
  const last = words.at(-1);
  return { offset, length: last === undefined ? 0 : last.offset + last.length - offset };
}

function firstWord(expectation: Expectation): Word {
  return expectation.kind === "expect" ? expectation.outcome : expectation.audience;
}

function formatExpectation(expectation: Expectation): string {
  if (expectation.kind !== "expect")
    return `${expectation.kind} ${expectation.audience.text} ${expectation.paths.map((path) => path.text).join(", ")}`;
  const { outcome, by, needs, becauseUnknown, via, breakGlass } = expectation;
  return [
    `expect ${outcome.text}`,
    ...(by === undefined ? [] : [`by ${by.text}`]),
    ...needs.map((label) => `needs ${label.text}`),
    ...becauseUnknown.map((path) => `because_unknown ${path.text}`),
    ...(via === undefined ? [] : [`via [${via.map((word) => formatStringLiteral(word.text)).join(", ")}]`]),
    ...(breakGlass === undefined ? [] : [`breakglass ${breakGlass.text}`]),
  ].join(" ");
}
