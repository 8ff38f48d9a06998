import type { Coverage, Directions, MutationReport, RuleCoverage } from "../policy-tools/index.ts";
import { printable } from "./printable.ts";
import { type Column, formatTable } from "./table.ts";
import type { World } from "./world.ts";

/** A row for each rule and each requirement: how often it decided, and which way its condition came out. */
export function printCoverage({ rules, taken, directions }: Coverage, world: World): void {
  world.print("");
  world.print(formatTable(coverageColumns, rules.flatMap(rowsOf), world.width));
  world.print(`${taken} of ${directions} directions of conditions were taken (${percent(directions === 0 ? 1 : taken / directions)}).`);
}

interface Row {
  readonly what: string;
  readonly line: number;
  readonly decided: string;
  readonly seen: string;
}

const coverageColumns: readonly Column<Row>[] = [
  { title: "LINE", cell: ({ line }) => String(line), align: "right" },
  { title: "RULE", cell: ({ what }) => what, shrinksTo: 20 },
  { title: "DECIDED", cell: ({ decided }) => decided, align: "right" },
  { title: "CONDITION", cell: ({ seen }) => seen },
];

function rowsOf({ kind, name, line, decided, when, requirements }: RuleCoverage): readonly Row[] {
  return [
    { what: `${kind} ${name}`, line, decided: String(decided), seen: when === undefined ? "" : describe(when) },
    ...requirements.map((requirement) => ({
      what: `  require ${requirement.label}`,
      line: requirement.line,
      decided: "",
      seen: describe(requirement),
    })),
  ];
}

function describe({ holds, fails }: Directions): string {
  if (holds && fails) return "both ways";
  if (!holds && !fails) return "NEVER KNOWN";
  return holds ? "never false" : "never true";
}

export function printMutations(file: string, report: MutationReport, world: World): void {
  const { paint } = world;
  world.print("");
  for (const { line, says } of report.survivors) world.print(`${paint.bad("SURVIVES")} ${file}:${line}: ${printable(says)}`);
  for (const { line, says } of report.equivalent) {
    world.print(`${paint.faint("the same")} ${file}:${line}: ${printable(says)}`);
  }
  const score = `${percent(report.scoreOfDifferent)} of those that make a difference`;
  const counted = `${report.killed} of ${report.mutants} mutants are noticed (${percent(report.score)}; ${score})`;
  world.print(`${counted}; ${report.survivors.length} survive, ${report.equivalent.length} seem to change nothing.`);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
