import type { Command, Flag, Operand } from "./command.ts";
import { nearestWord } from "./nearest-word.ts";
import { UsageMistake } from "./usage-mistake.ts";
import { Words } from "./words.ts";

export type Parsed =
  | { readonly kind: "run"; readonly command: Command; readonly words: Words }
  /** `-h` somewhere, `help X`, or no words at all. `topic` is the beginning of some commands' words. */
  | { readonly kind: "help"; readonly topic: readonly string[] };

/** Flags that every command takes. */
export const commonFlags: readonly Flag[] = [
  { name: "state-dir", value: "DIR", says: "The state directory of the agent (or PORTAIL_STATE_DIR)" },
  { name: "help", says: "Help on this command (also -h)" },
];

/** Find the command and sort its words. Flags may stand anywhere; `--` ends them. Throws `UsageMistake`. */
export function parseArgv(argv: readonly string[], table: readonly Command[]): Parsed {
  const flagsByName = new Map(table.flatMap((command) => flagsOf(command)).map((flag) => [flag.name, flag]));
  const { plain, flags } = sortWords(argv, flagsByName);
  if (flags.delete("version")) plain.unshift("version");
  if (plain[0] === "help") return { kind: "help", topic: topicOf(plain.slice(1), table) };
  if (plain.length === 0) {
    const [first] = flags.keys();
    if (first === undefined || first === "help") return { kind: "help", topic: [] };
    throw new UsageMistake("the command is missing", "`portail help` lists them all");
  }
  if (flags.has("help")) return { kind: "help", topic: topicOf(plain, table) };
  const command = findCommand(plain, table);
  const operands = plain.slice(command.words.length);
  checkFlags(command, flags);
  checkOperands(command, operands);
  return { kind: "run", command, words: new Words(operands, flags) };
}

export function flagsOf(command: Command): readonly Flag[] {
  return [...(command.flags ?? []), ...commonFlags];
}

function sortWords(argv: readonly string[], known: ReadonlyMap<string, Flag>): { plain: string[]; flags: Map<string, string[]> } {
  const plain: string[] = [];
  const flags = new Map<string, string[]>();
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      plain.push(...rest.splice(0));
    } else if (word === "-h") {
      flags.set("help", []);
    } else if (word.startsWith("-") && word !== "-") {
      const { name, values } = readFlag(word, rest, known);
      flags.set(name, [...(flags.get(name) ?? []), ...values]);
    } else {
      plain.push(word);
    }
  }
  return { plain, flags };
}

/** `--name`, `--name=value`, or `--name value` when the flag takes one. */
function readFlag(
  word: string,
  rest: string[],
  known: ReadonlyMap<string, Flag>,
): { readonly name: string; readonly values: readonly string[] } {
  const [, name = "", given] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  if (name === "version" && given === undefined) return { name, values: [] };
  const flag = known.get(name);
  if (flag === undefined) {
    const meant = nearestWord(
      name,
      [...known.values()].filter((one) => one.hidden !== true).map((one) => one.name),
    );
    throw new UsageMistake(`there is no flag ${word.split("=")[0]}`, meant === undefined ? undefined : `did you mean --${meant}?`);
  }
  if (flag.value === undefined) {
    if (given !== undefined) throw new UsageMistake(`--${name} takes no value`);
    return { name, values: [] };
  }
  const value = given ?? rest.shift();
  if (value === undefined) throw new UsageMistake(`--${name} needs a value`, `--${name} ${flag.value}`);
  return { name, values: [value] };
}

function findCommand(plain: readonly string[], table: readonly Command[]): Command {
  const fitting = table.filter((command) => command.words.every((word, index) => plain[index] === word));
  const longest = fitting.toSorted((a, b) => b.words.length - a.words.length)[0];
  if (longest !== undefined) return longest;
  const [first = "", second] = plain;
  const group = table.filter((command) => command.words[0] === first).map((command) => command.words[1] ?? "");
  if (group.length > 0) {
    const meant = second === undefined ? undefined : nearestWord(second, group);
    const what = second === undefined ? `portail ${first} needs a word behind it` : `there is no command portail ${first} ${second}`;
    throw new UsageMistake(what, meant === undefined ? `one of: ${group.join(", ")}` : `did you mean portail ${first} ${meant}?`);
  }
  const meant = nearestWord(first, ["help", ...new Set(table.map((command) => command.words[0]))]);
  throw new UsageMistake(
    `there is no command ${JSON.stringify(first)}`,
    meant === undefined ? "`portail help` lists them all" : `did you mean portail ${meant}?`,
  );
}

/** As many of the words as begin some command; a word that begins none is a mistake, so that `help` never shrugs. */
function topicOf(plain: readonly string[], table: readonly Command[]): readonly string[] {
  const topic: string[] = [];
  for (const word of plain) {
    const longer = [...topic, word];
    if (!table.some((command) => longer.every((one, index) => command.words[index] === one))) break;
    topic.push(word);
  }
  if (topic.length === 0 && plain.length > 0) findCommand(plain, table);
  return topic;
}

function checkFlags(command: Command, given: ReadonlyMap<string, readonly string[]>): void {
  const own = new Map(flagsOf(command).map((flag) => [flag.name, flag]));
  for (const [name, values] of given) {
    const flag = own.get(name);
    if (flag === undefined) {
      const meant = nearestWord(name, [...own.keys()]);
      const hint = meant === undefined ? undefined : `did you mean --${meant}?`;
      throw new UsageMistake(`portail ${command.words.join(" ")} takes no flag --${name}`, hint);
    }
    if (values.length > 1 && flag.repeats !== true) throw new UsageMistake(`--${name} stands there twice`);
    for (const value of values) checkChoice(`--${name}`, value, flag.choices);
  }
}

function checkOperands(command: Command, given: readonly string[]): void {
  const operands: readonly Operand[] = command.operands ?? [];
  const usage = `portail ${command.words.join(" ")}`;
  const missing = operands[given.length];
  if (missing !== undefined && missing.optional !== true) throw new UsageMistake(`${usage} needs ${missing.name}: ${missing.says}`);
  const last = operands.at(-1);
  if (given.length > operands.length && last?.repeats !== true) {
    throw new UsageMistake(`${usage} does not know what to do with ${JSON.stringify(given[operands.length])}`);
  }
  for (const [index, word] of given.entries()) checkChoice(operands[index]?.name ?? "", word, operands[index]?.choices);
}

function checkChoice(what: string, value: string, choices: readonly string[] | undefined): void {
  if (choices === undefined || choices.includes(value)) return;
  const meant = nearestWord(value, choices);
  const hint = meant === undefined ? `one of: ${choices.join(", ")}` : `did you mean ${meant}?`;
  throw new UsageMistake(`${what} cannot be ${JSON.stringify(value)}`, hint);
}
