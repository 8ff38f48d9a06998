import fc from "fast-check";
import {
  type AttributeDeclaration,
  checkExpression,
  type CheckedExpression,
  listOf,
  MapEnvironment,
  mapOf,
  parseWholeExpression,
  type Type,
  types,
  type Value,
} from "./index.ts";

/** Attributes that random expressions speak of, one or two of each kind. */
export const vocabulary: ReadonlyMap<string, AttributeDeclaration> = new Map([
  ["a.flag", required(types.bool)],
  ["a.other_flag", required(types.bool)],
  ["a.count", required(types.int)],
  ["a.size", required(types.int)],
  ["a.ratio", required(types.double)],
  ["a.name", required(types.string)],
  ["a.tags", required(listOf(types.string))],
  ["a.ports", required(listOf(types.int))],
  ["a.scores", required(mapOf(types.string, types.int))],
  ["a.note", { type: types.string, optional: true }],
  ["a.limit", { type: types.int, optional: true }],
  ["request.host", required(types.host)],
  ["a.age", required(types.duration)],
]);

function required(type: Type): AttributeDeclaration {
  return { type, optional: false };
}

const texts = ['""', '"a"', '"b"', '"ab"', '"é"', '"http"', '"10"', '"a.b"'];
const small = ["0", "1", "2", "-1", "7", "80", "-3"];
const hosts = fc.constantFrom('["a.b"]', '["*.a.b"]', '["**.a.b", "c.d"]', '[".a.b"]', '["x.y", ".c.d", "*.e"]');

interface Written {
  readonly bool: string;
  readonly int: string;
  readonly double: string;
  readonly string: string;
  readonly tags: string;
  readonly ports: string;
}

/** Texts of well-typed expressions. `portable` leaves out what only this profile has, and what engines do differently. */
export function expressionTexts(options: { readonly portable: boolean }): fc.Arbitrary<string> {
  const own = !options.portable;
  const whole = fc.constantFrom(...small, ...(own ? ["9007199254740991", "4611686018427387"] : []));
  const fraction = fc.constantFrom("0.0", "1.5", "-2.25", own ? "1e300" : "3.5");
  const text = fc.constantFrom(...texts, ...(own ? ['"é😀"'] : []));
  const { bool } = fc.letrec<Written>((tie: fc.LetrecTypedTie<Written>) => {
    const join = (...parts: (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> => {
      return fc.tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part))).map((texts) => texts.join(""));
    };
    const pick = (leaves: readonly fc.Arbitrary<string>[], branches: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> => {
      return fc.oneof({ maxDepth: 4, withCrossShrink: true }, ...leaves, ...branches);
    };
    const [b, i, d, s, tags, ports] = [tie("bool"), tie("int"), tie("double"), tie("string"), tie("tags"), tie("ports")];
    const ownBools = [
      join("request.host in ", hosts),
      join("has(a.note)"),
      join("(has(a.note) and a.note == ", s, ")"),
      join("(not has(a.limit) or a.limit > ", i, ")"),
      join(s, " =~ /a*b?/"),
      fc.constant("a.age <= 14d"),
      join(s, " not in ", tags),
      join('request.host.endsWith(".a.b")'),
      join('request.host == "a.b"'),
    ];
    return {
      bool: pick(
        [fc.constantFrom("true", "false"), fc.constantFrom("a.flag", "a.other_flag")],
        [
          join("(", b, " && ", b, ")"),
          join("(", b, " || ", b, ")"),
          join("!", b),
          join("(", b, " ? ", b, " : ", b, ")"),
          join("(", i, fc.constantFrom(" < ", " <= ", " > ", " >= ", " == ", " != "), i, ")"),
          join("(", d, fc.constantFrom(" < ", " >= ", " == "), d, ")"),
          join("(", s, fc.constantFrom(" == ", " != ", " < ", " >= "), s, ")"),
          join(s, fc.constantFrom(".contains(", ".startsWith(", ".endsWith("), s, ")"),
          join("(", s, " in ", tags, ")"),
          join("(", i, " in ", ports, ")"),
          join("(", s, " in a.scores)"),
          join("has(a.scores.ab)"),
          join(tags, fc.constantFrom(".exists", ".all", ".exists_one"), "(x, x == ", s, ")"),
          join(ports, fc.constantFrom(".exists", ".all", ".exists_one"), "(x, ", i, " / x > 0)"),
          join("(", tags, " == ", tags, ")"),
          ...(own ? ownBools : []),
        ],
      ),
      int: pick(
        [whole, fc.constantFrom("a.count", "a.size")],
        [
          join("(", i, fc.constantFrom(" + ", " - ", " * ", " / ", " % "), i, ")"),
          join("size(", fc.oneof(s, tags), ")"),
          join(ports, "[", i, "]"),
          join("a.scores[", s, "]"),
          join("(", b, " ? ", i, " : ", i, ")"),
          join(s, ".indexOf(", s, ")"),
          join("int(", d, ")"),
          ...(own ? [join("(a.limit ?? ", i, ")"), join("(a.scores.ab ?? ", i, ")")] : []),
        ],
      ),
      double: pick(
        [fraction, fc.constant("a.ratio")],
        [join("(", d, fc.constantFrom(" + ", " * ", " / "), d, ")"), join("double(", i, ")")],
      ),
      string: pick(
        [text, fc.constant("a.name")],
        [
          join("(", s, " + ", s, ")"),
          join(s, ".substring(", i, ")"),
          join(s, ".replace(", own ? s : fc.constantFrom('"a"', '"ab"', '"é"'), ", ", s, ")"),
          join(tags, "[", i, "]"),
          join("string(", fc.oneof(i, b), ")"),
          ...(own ? [join("(a.note ?? ", s, ")")] : []),
        ],
      ),
      tags: pick(
        [fc.constant("a.tags"), fc.constantFrom("[]", '["a", "b"]', '["ab"]')],
        [
          join("(", tags, " + ", tags, ")"),
          join(tags, ".filter(x, x != ", s, ")"),
          join(tags, ".map(x, x + ", s, ")"),
          join(s, '.split("")'),
        ],
      ),
      ports: pick(
        [fc.constant("a.ports"), fc.constantFrom("[80, 443]", "[0]")],
        [join(ports, ".map(x, x + ", i, ")"), join(ports, ".filter(x, x > ", i, ")")],
      ),
    };
  });
  return bool;
}

const values: Readonly<Record<string, fc.Arbitrary<Value>>> = {
  bool: fc.boolean(),
  int: fc.constantFrom(0, 1, 2, -1, 80, 443),
  double: fc.constantFrom(0, 1.5, -2.25),
  string: fc.constantFrom("", "a", "b", "ab", "é", "10"),
  host: fc.constantFrom("a.b", "x.a.b", "y.x.a.b", "c.d", "q.e", "10.0.0.1", "other.example"),
  duration: fc.constantFrom(0, 1000, 86_400_000 * 30),
};

/** A value of a type, from so few that equal ones are common. */
export function valueOf(type: Type): fc.Arbitrary<Value> {
  if (type.kind === "list") return fc.array(valueOf(type.entry), { maxLength: 3 });
  if (type.kind === "map")
    return fc
      .uniqueArray(fc.tuple(valueOf(type.key), valueOf(type.value)), { maxLength: 3, selector: ([key]) => key })
      .map((entries) => new Map(entries));
  return values[type.kind] ?? fc.constant(false);
}

/** The random text as the checker sees it; `undefined` when it is too costly or too deep, which random texts may be. */
export function checkText(source: string): CheckedExpression | undefined {
  const { expression } = parseWholeExpression(source);
  if (expression === undefined) return undefined;
  const result = checkExpression(expression, new MapEnvironment(vocabulary), types.bool);
  return result.kind === "checked" ? result.checked : undefined;
}
