import { describeToken, type TokenStream } from "./expression/index.ts";
import { type Parsed, readOpening } from "./parse-rules.ts";
import { parseValue } from "./parse-value.ts";
import type { Expectation, FixtureBlock, FixtureEntry, TestBlock, Word } from "./tree.ts";
import { readSettings, settings, take } from "./settings.ts";
import { readName, readPath, readString, readStrings } from "./words.ts";

/** `fixture alice { user.sub: "alice", user.groups: ["eng"] }` */
export function parseFixture(stream: TokenStream): Parsed<FixtureBlock> {
  const name = readOpening(stream, "fixture");
  const values = name && parseEntries(stream);
  return name && values && { name, values };
}

/** `path: value, …}` after the opening brace. */
function parseEntries(stream: TokenStream): FixtureEntry[] | undefined {
  const entries: FixtureEntry[] = [];
  while (stream.accept("}") === undefined) {
    const path = readPath(stream);
    const value = path && stream.expect(":", "after the attribute") && parseValue(stream);
    if (path === undefined || value === undefined) return undefined;
    entries.push({ path, value });
    if (stream.accept(",") === undefined && !stream.is("}"))
      return stream.fail(`expected ',' or '}', found ${describeToken(stream.peek())}`);
  }
  return entries;
}

/** `test "engineer pushes" { given alice, { device.trust: 1 } expect deny by git-push }` */
export function parseTest(stream: TokenStream): Parsed<TestBlock> {
  const name = readString(stream, "the test's title");
  if (name === undefined || stream.expect("{", "after the title") === undefined) return undefined;
  const given = stream.accept("given") === undefined ? [] : parseGiven(stream);
  if (given === undefined) return undefined;
  const expectations: Expectation[] = [];
  while (stream.accept("}") === undefined) {
    const expectation = parseExpectation(stream);
    if (expectation === undefined) return undefined;
    expectations.push(expectation);
  }
  return { name, given, expectations };
}

function parseGiven(stream: TokenStream): TestBlock["given"] | undefined {
  const given: (Word | FixtureEntry[])[] = [];
  do {
    const part = stream.accept("{") === undefined ? readName(stream, "the name of a fixture, or '{'") : parseEntries(stream);
    if (part === undefined) return undefined;
    given.push(part);
  } while (stream.accept(",") !== undefined);
  return given;
}

function parseExpectation(stream: TokenStream): Expectation | undefined {
  if (stream.accept("expect") !== undefined) return parseExpect(stream);
  const kind = stream.is("reveals") ? "reveals" : "hides";
  if (stream.accept(kind) === undefined)
    return stream.fail(`expected expect, reveals, hides or '}', found ${describeToken(stream.peek())}`);
  const audience = readName(stream, "an audience");
  const paths: Word[] = [];
  do {
    const path = audience && readPath(stream);
    if (path === undefined) return undefined;
    paths.push(path);
  } while (stream.accept(",") !== undefined);
  return audience && { kind, audience, paths };
}

interface Expect {
  by?: Word;
  needs: Word[];
  becauseUnknown: Word[];
  via?: Word[];
  breakGlass?: Word;
}

const EXPECT_PARTS = settings<Expect>({
  by: (stream, expect) => take(readName(stream, "the name of a rule"), (word) => (expect.by = word)),
  needs: (stream, expect) => take(readLabel(stream), (word) => expect.needs.push(word)),
  because_unknown: (stream, expect) => take(readPath(stream), (word) => expect.becauseUnknown.push(word)),
  via: (stream, expect) => take(readStrings(stream, "the name of a backend"), (words) => (expect.via = words)),
  breakglass: (stream, expect) => take(readName(stream, "the name of a break_glass"), (word) => (expect.breakGlass = word)),
});

/** A requirement's label, or its position when it has none. */
function readLabel(stream: TokenStream): Word | undefined {
  const token = stream.peek();
  if (token.kind !== "int") return readName(stream, "the label of a requirement");
  stream.next();
  return { text: String(token.value), offset: token.offset, length: token.length };
}

function parseExpect(stream: TokenStream): Expectation | undefined {
  const outcome = readName(stream, "an outcome");
  if (outcome === undefined) return undefined;
  const expect: Expect = { needs: [], becauseUnknown: [] };
  if (!readSettings(stream, EXPECT_PARTS, expect, { of: "expect", repeatable: ["needs", "because_unknown"] })) return undefined;
  return { kind: "expect", outcome, ...expect };
}
