import type { Command } from "./command.ts";
import { formatFlag, formatUsage, saysOf } from "./help.ts";
import { commonFlags } from "./parse-argv.ts";

/** docs/cli.md: the same table as a page. A test compares them. */
export function formatManual(table: readonly Command[]): string {
  return `# The command line

<!-- Written from agent/cli/commands.ts; a test compares it. -->

Every command answers with 0 when it did what was asked, 1 when what was asked about does not hold, 2 when the words or a file are wrong,
and 3 when the agent cannot be reached. Results go to stdout, remarks and failures to stderr; with \`--json\` both are JSON.

Every command also takes:

${formatFlagList(commonFlags)}

${table.map(formatChapter).join("\n\n")}
`;
}

function formatChapter(command: Command): string {
  const words = (command.operands ?? []).map((one) => `- \`${one.name}\`: ${saysOf(one)}.`);
  const flags = (command.flags ?? []).filter((flag) => flag.hidden !== true);
  const parts = [
    `## portail ${command.words.join(" ")}`,
    `${command.says}.`,
    `\`\`\`\n${formatUsage(command)}\n\`\`\``,
    ...(command.more ?? []),
    [...words, ...(flags.length === 0 ? [] : [formatFlagList(flags)])].join("\n"),
    (command.examples ?? []).map(([line, says]) => `${says}${/[?.!]$/.test(says) ? "" : ":"}\n\n\`\`\`sh\n${line}\n\`\`\``).join("\n\n"),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function formatFlagList(flags: NonNullable<Command["flags"]>): string {
  return flags.map((flag) => `- \`${formatFlag(flag)}\`: ${saysOf(flag)}.`).join("\n");
}
