import type { Command, Flag } from "./command.ts";
import { flagsOf } from "./parse-argv.ts";

export type Shell = "bash" | "zsh" | "fish";

/** A completion script for a shell, from the table. */
export function formatCompletion(shell: Shell, table: readonly Command[]): string {
  return { bash: formatBash, zsh: formatZsh, fish: formatFish }[shell](table);
}

/** What can stand behind some words: the next words, and the flags if a command is complete. */
interface Point {
  readonly words: readonly string[];
  readonly next: readonly string[];
  readonly flags: readonly Flag[];
  readonly takesFile: boolean;
}

function pointsOf(table: readonly Command[]): readonly Point[] {
  const prefixes = new Map<string, readonly string[]>([["", []]]);
  for (const { words } of table)
    for (let length = 1; length <= words.length; length += 1) prefixes.set(words.slice(0, length).join(" "), words.slice(0, length));
  return [...prefixes.values()].map((words) => {
    const below = table.filter((command) => words.every((word, index) => command.words[index] === word));
    const exact = below.find((command) => command.words.length === words.length);
    const nextWords = below.map((command) => command.words[words.length]).filter((word) => word !== undefined);
    const operand = exact?.operands?.[0];
    return {
      words,
      next: [...new Set([...nextWords, ...(operand?.choices ?? []), ...(words.length === 0 ? ["help"] : [])])],
      flags: exact === undefined ? [] : flagsOf(exact).filter((flag) => flag.hidden !== true),
      takesFile: operand?.name === "FILE",
    };
  });
}

function formatBash(table: readonly Command[]): string {
  const cases = pointsOf(table).map(({ words, next, flags, takesFile }) => {
    const offered = [...next, ...flags.map((flag) => `--${flag.name}`)].join(" ");
    return `    "${words.join(" ")}") offered="${offered}"; files=${takesFile ? 1 : 0} ;;`;
  });
  return `# bash completion for portail; made from its table of commands
_portail() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words="" word offered="" files=0
  COMPREPLY=()
  case "$previous" in
${choiceCases(table, (flag, choices) => `    --${flag}) COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$current")); return ;;`)}
    --config) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --state-dir) COMPREPLY=($(compgen -d -- "$current")); return ;;
  esac
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) words="\${words:+$words }$word" ;; esac
  done
  case "$words" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$offered" -- "$current"))
  if [ "$files" = 1 ]; then COMPREPLY+=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _portail portail
`.trimEnd();
}

function formatZsh(table: readonly Command[]): string {
  const cases = pointsOf(table).map(({ words, next, flags, takesFile }) => {
    const offered = [
      ...next.map((word) => quote(word)),
      ...flags.map((flag) => quote(`--${flag.name}:${flag.says.replaceAll(":", " -")}`)),
    ].join(" ");
    return `    ${quote(words.join(" "))}) offered=(${offered}); files=${takesFile ? 1 : 0} ;;`;
  });
  return `#compdef portail
# zsh completion for portail; made from its table of commands
_portail() {
  local -a offered plain
  local word files=0
  case "\${words[CURRENT-1]}" in
${choiceCases(table, (flag, choices) => `    --${flag}) compadd -- ${choices.join(" ")}; return ;;`)}
    --config) _files; return ;;
    --state-dir) _files -/; return ;;
  esac
  for word in "\${(@)words[2,CURRENT-1]}"; do [[ "$word" == -* ]] || plain+=("$word"); done
  case "\${(j: :)plain}" in
${cases.join("\n")}
  esac
  _describe portail offered
  (( files )) && _files
}
compdef _portail portail`;
}

function formatFish(table: readonly Command[]): string {
  const lines = pointsOf(table).flatMap(({ words, next, flags, takesFile }) => {
    const when = `-n ${quote(`__portail_at ${words.join(" ")}`.trimEnd())}`;
    const offered = next.length === 0 ? [] : [`complete -c portail ${when} -a ${quote(next.join(" "))}`];
    const files = takesFile ? [`complete -c portail ${when} -F`] : [];
    return [
      ...offered,
      ...files,
      ...flags.map((flag) => `complete -c portail ${when} -l ${flag.name} ${fishValue(flag)}-d ${quote(flag.says)}`),
    ];
  });
  return `# fish completion for portail; made from its table of commands
function __portail_at
  set -l plain
  for word in (commandline -opc)[2..-1]
    string match -q -- '-*' $word; or set -a plain $word
  end
  test "$plain" = "$argv"
end
complete -c portail -f
${lines.join("\n")}`;
}

function fishValue(flag: Flag): string {
  if (flag.choices !== undefined) return `-x -a ${quote(flag.choices.join(" "))} `;
  return flag.value === undefined ? "" : "-r ";
}

/** Flags with a closed list of values, once each. */
function choiceCases(table: readonly Command[], format: (flag: string, choices: readonly string[]) => string): string {
  const withChoices = new Map(table.flatMap((command) => command.flags ?? []).map((flag) => [flag.name, flag.choices] as const));
  return [...withChoices].flatMap(([name, choices]) => (choices === undefined ? [] : [format(name, choices)])).join("\n");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
