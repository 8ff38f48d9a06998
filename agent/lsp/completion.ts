import {
  type Attribute,
  attributeClasses,
  audiences,
  describeFunctions,
  type Item,
  plainTypeNames,
  type Span,
  type Token,
} from "../policy/index.ts";
import { code, describeAttribute, describeItem, markdown } from "./describe.ts";
import type { Expected } from "./expected.ts";
import { labelsFor } from "./meaning.ts";
import type { PolicyView } from "./policy-view.ts";
import { type CompletionItem, completionKinds } from "./protocol.ts";
import { type Surroundings, surroundingsAt } from "./surroundings.ts";
import { hasMacro, macros, meaningOf, outcomeWords } from "./words.ts";

/** What could be written, before it has a place. */
type Candidate = Omit<CompletionItem, "textEdit">;

/** What may be written at an offset. */
export function completionsAt(view: PolicyView, offset: number): readonly CompletionItem[] {
  const found = surroundingsAt(view, offset);
  if (found === undefined) return [];
  // What is already typed counts and is replaced; what stands behind the cursor stays.
  const typed = offset - found.word.offset;
  const word = { text: found.word.text.slice(0, typed), offset: found.word.offset, length: typed };
  const range = view.lines.rangeOf(word);
  return candidatesFor(view, { ...found, word }).map((candidate) => ({ ...candidate, textEdit: { range, newText: candidate.label } }));
}

function candidatesFor(view: PolicyView, found: Surroundings): readonly Candidate[] {
  const { expected } = found;
  if (expected.kind === "words") return [...header(view, found.word), ...words(expected.words)];
  return BY_KIND[expected.kind](view, found);
}

const BY_KIND: Readonly<Record<Exclude<Expected["kind"], "words">, (view: PolicyView, found: Surroundings) => readonly Candidate[]>> = {
  operand: operands,
  member: () => methodsOf(undefined, ""),
  attribute: (view) => attributes(view, ({ group }) => group !== "decision"),
  visible: (view) => [...attributes(view, () => true), ...words(["class"])],
  value: () => words(["true", "false", "unknown", "absent"]),
  rule: (view) => [...named(view, "guard", "policy", "lifeline", "break_glass"), ...words(["lifeline", "default"])],
  fixture: (view) => named(view, "fixture"),
  scope: (view) => named(view, "break_glass"),
  label: (view, { before }) => labelsFor(view, before).map(({ label, at }) => value(label.text, code(view.textOf(at)))),
  audience: () => audiences.map((audience) => value(audience)),
  class: () => attributeClasses.map((name) => value(name)),
  type: () => [...plainTypeNames, "list<string>", "map<string, string>"].map((name) => value(name)),
  outcome: () => words(outcomeWords),
  name: () => [],
  nothing: () => [],
};

/** The first line, while there is none. */
function header(view: PolicyView, word: Span): readonly Candidate[] {
  const first = view.tokens[0];
  const isFirst = first === undefined || first.kind === "end" || first.offset >= word.offset;
  return isFirst ? [{ label: "portail policy 1", kind: completionKinds.keyword, documentation: markdown(meaningOf("portail") ?? "") }] : [];
}

function words(list: readonly string[]): readonly Candidate[] {
  return list.map((label) => ({ label, kind: completionKinds.keyword, documentation: markdown(meaningOf(label) ?? "") }));
}

function value(label: string, about = ""): Candidate {
  return { label, kind: completionKinds.value, documentation: markdown(about) };
}

function attributes(view: PolicyView, fits: (attribute: Attribute) => boolean): readonly Candidate[] {
  return [...view.attributes.values()].filter(fits).map((attribute) => ({
    label: attribute.path,
    kind: completionKinds.field,
    detail: attribute.optional ? `${attribute.type}, optional` : attribute.type,
    documentation: markdown(...describeAttribute(attribute)),
  }));
}

const ITEM_KINDS: Partial<Record<Item["kind"], Candidate["kind"]>> = {
  set: completionKinds.constant,
  let: completionKinds.variable,
  fixture: completionKinds.constant,
};

function named(view: PolicyView, ...kinds: readonly Item["kind"][]): readonly Candidate[] {
  const items = view.items.filter(({ kind }) => kinds.includes(kind));
  return items.map((item) => ({
    label: item.name.text,
    kind: ITEM_KINDS[item.kind] ?? completionKinds.event,
    detail: item.kind,
    documentation: markdown(...describeItem(view, item)),
  }));
}

function operands(view: PolicyView, { word, before }: Surroundings): readonly Candidate[] {
  const parent = word.text.slice(0, Math.max(word.text.lastIndexOf("."), 0));
  if (parent !== "") {
    const below = attributes(view, ({ path, group }) => group !== "decision" && path.startsWith(`${parent}.`));
    return [...below, ...methodsOf(view.attributes.get(parent)?.type, `${parent}.`)];
  }
  return [
    ...attributes(view, ({ group }) => group !== "decision"),
    ...named(view, "let", "set"),
    ...localsOf(before).map((label) => ({ label, kind: completionKinds.variable, detail: "bound by the macro" })),
    ...functions(),
    ...words(["not", "true", "false"]),
  ];
}

function functions(): readonly Candidate[] {
  const has: Candidate = { label: hasMacro.name, kind: completionKinds.function, detail: hasMacro.signature };
  return [
    has,
    ...describeFunctions().flatMap(({ name, signatures }) => {
      const plain = signatures.filter((signature) => signature.startsWith(`${name}(`));
      return plain.length === 0 ? [] : [{ label: name, kind: completionKinds.function, detail: plain.join("\n") }];
    }),
  ];
}

/** Methods of a type, or all of them where the type is not known. */
function methodsOf(type: string | undefined, prefix: string): readonly Candidate[] {
  const own = describeFunctions().map(({ name, signatures }) => ({
    name,
    signatures: signatures.filter((signature) => !signature.startsWith(`${name}(`) && takes(signature, type)),
  }));
  const walking = macros.map(({ name, signature }) => ({ name, signatures: isWalkable(type) ? [signature] : [] }));
  return [...own, ...walking].flatMap(({ name, signatures }) =>
    signatures.length === 0 ? [] : [{ label: prefix + name, kind: completionKinds.method, detail: signatures.join("\n") }],
  );
}

/** Whether a method, `list<string>.join(string) -> string`, is one of the type. A host reads as a string too. */
function takes(signature: string, type: string | undefined): boolean {
  const receiver = signature.slice(0, signature.indexOf("."));
  return type === undefined || receiver === type || receiver === type.replace(/<.*/, "") || (receiver === "string" && type === "host");
}

function isWalkable(type: string | undefined): boolean {
  return type === undefined || /^(?:list|map)</.test(type);
}

/** Variables of the macros whose brackets are open: `x` in `user.amr.exists(x, `. */
function localsOf(before: readonly Token[]): readonly string[] {
  const open: (string | undefined)[] = [];
  for (const [index, { kind, text }] of before.entries()) {
    if (kind !== "mark") continue;
    const isMacro = text === "(" && macros.some(({ name }) => name === before[index - 1]?.text);
    if (text === "(") open.push(isMacro && before[index + 1]?.kind === "word" ? before[index + 1]?.text : undefined);
    if (text === ")") open.pop();
  }
  return open.filter((name) => name !== undefined);
}
