import type { Command, Flag } from "./command.ts";
import type { Paint } from "./paint.ts";
import { commonFlags, flagsOf } from "./parse-argv.ts";

/** The help page of a command, of a group (`policy`), or of everything. */
export function formatHelp(topic: readonly string[], table: readonly Command[], paint: Paint): string {
  const fitting = table.filter((command) => topic.every((word, index) => command.words[index] === word));
  const exact = fitting.find((command) => command.words.length === topic.length);
  if (topic.length === 0) return formatOverview(table, paint);
  if (exact !== undefined)
    return formatCommand(
      exact,
      fitting.filter((command) => command !== exact),
      paint,
    );
  return `${paint.strong(`portail ${topic.join(" ")}`)}\n\n${formatList(fitting)}\n`;
}

function formatOverview(table: readonly Command[], paint: Paint): string {
  return `${paint.strong("portail")}, the access agent: one safe way from this machine's programs to the services they may use.

${paint.strong("Usage")}
  portail COMMAND [WORDS] [FLAGS]

${paint.strong("Commands")}
${formatList(table)}

${paint.strong("Flags of every command")}
${formatFlags(commonFlags)}

Exit codes: 0 done; 1 what was asked about does not hold; 2 the words or a file are wrong; 3 the agent cannot be reached.
\`portail help COMMAND\` tells more about one.
`;
}

function formatCommand(command: Command, below: readonly Command[], paint: Paint): string {
  const parts = [
    `${paint.strong(`portail ${command.words.join(" ")}`)}: ${command.says}`,
    `${paint.strong("Usage")}\n  ${formatUsage(command)}`,
    ...(command.more ?? []),
    ...((command.operands ?? []).length === 0
      ? []
      : [`${paint.strong("Words")}\n${formatRows((command.operands ?? []).map((one) => [one.name, saysOf(one)]))}`]),
    `${paint.strong("Flags")}\n${formatFlags(flagsOf(command))}`,
    ...((command.examples ?? []).length === 0
      ? []
      : [`${paint.strong("Examples")}\n${(command.examples ?? []).map(([words, says]) => `  ${words}\n      ${says}`).join("\n")}`]),
    ...(below.length === 0 ? [] : [`${paint.strong("See also")}\n${formatList(below)}`]),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** `portail explain [ID] [--host HOST] …` */
export function formatUsage(command: Command): string {
  const operands = (command.operands ?? []).map((one) => {
    const word = one.repeats === true ? `${one.name}...` : one.name;
    return one.optional === true ? `[${word}]` : word;
  });
  const flags = (command.flags ?? [])
    .filter((flag) => flag.hidden !== true)
    .map((flag) => `[${formatFlag(flag)}]${flag.repeats === true ? "..." : ""}`);
  return ["portail", ...command.words, ...operands, ...flags].join(" ");
}

export function formatFlag(flag: Flag): string {
  return flag.value === undefined ? `--${flag.name}` : `--${flag.name} ${flag.value}`;
}

export function saysOf(one: { readonly says: string; readonly choices?: readonly string[] }): string {
  return one.choices === undefined ? one.says : `${one.says}: ${one.choices.join(", ")}`;
}

function formatList(table: readonly Command[]): string {
  return formatRows(table.map((command) => [command.words.join(" "), command.says]));
}

function formatFlags(flags: readonly Flag[]): string {
  return formatRows(flags.filter((flag) => flag.hidden !== true).map((flag) => [formatFlag(flag), saysOf(flag)]));
}

function formatRows(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}
