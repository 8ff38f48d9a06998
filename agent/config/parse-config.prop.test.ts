import fc from "fast-check";
import { expect, test } from "vitest";
import { parseConfig } from "./parse-config.ts";
import { maxConfigBytes } from "./yaml-tree.ts";

/** Words of the file and of YAML, so that random texts come near to real ones. */
const piece = fc.constantFrom(
  ..."listeners backends identities oidc context policy audit metrics resolver limits local kind proxy persona listen users self tls cert key".split(
    " ",
  ),
  ..."127.0.0.1:1080 [::1]:0 unix:/x systemd:y file:x env:X 15s 2GB 90d null ~ true 3 -1 1e999 __proto__ constructor toString".split(" "),
  ": ",
  ":",
  "- ",
  "\n",
  "\n  ",
  "\n    ",
  "\t",
  "{",
  "}",
  "[",
  "]",
  ", ",
  "&a ",
  "*a",
  "<<: *a",
  "!!str ",
  "!x ",
  '"',
  "'",
  "|\n",
  ">-\n",
  "---\n",
  "...\n",
  "# c\n",
  "%YAML 1.1\n",
  "? ",
  "\r\n",
  "\u0000",
  "\ufeff",
  "\u2028",
  "é",
  "😀",
  "@",
  "`",
  "%",
);
const text = fc.oneof(
  fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join("")),
  fc.string({ unit: "binary", maxLength: 200 }),
);

const GOOD = `listeners:
  local: { kind: proxy, listen: ["127.0.0.1:1080", "[::1]:1080"], users: [alice, bob], protocols: [socks5] }
  inherited: { kind: proxy, listen: systemd:portail }
policy: policy.portail
audit: { keep: 30d, max_bytes: 500MB, sync: full }
resolver: { servers: [192.0.2.53, "[2001:db8::53]:5353"], timeout: 2s }
limits: { connections: 100, handshake: 5s, connect: 3s, idle: 10m, lifetime: 8h, drain: 0s }
`;

const expectTotal = (source: string): void => {
  const { config, problems } = parseConfig(source, "portail.yaml");
  const errors = problems.filter(({ severity }) => severity === "error");
  expect(config === undefined).toBe(errors.length > 0);
  const lines = source.split("\n");
  for (const { line, column, excerpt = "", message, code } of problems) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines.length);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(column).toBeLessThanOrEqual((lines[line - 1] ?? "").length + 1);
    expect(excerpt).toContain("^");
    expect(message).not.toBe("");
    expect(code).toMatch(/^[EW]_/);
  }
};

test("any text gives a configuration or problems with a place in the text, and never throws", () => {
  fc.assert(fc.property(text, expectTotal), { numRuns: 1000 });
});

test("any damage to a good file gives a configuration or problems with a place", () => {
  const damage = fc.tuple(fc.nat(GOOD.length), fc.nat(12), fc.oneof(piece, fc.string({ maxLength: 5 })));
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (damages) => {
      expectTotal(damages.reduce((whole, [at, cut, put]) => whole.slice(0, at) + put + whole.slice(at + cut), GOOD));
    }),
    { numRuns: 400 },
  );
});

test("the undamaged file is good", () => {
  expect(parseConfig(GOOD, "portail.yaml").problems).toEqual([]);
});

test("what is nested without end or multiplied without bound is refused in bounded time", () => {
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${"bcdefghij"
    .split("")
    .map((name, index) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${"abcdefghij"[index]}`).join(", ")}]`)
    .join("\n")}\n`;
  for (const source of [
    "[".repeat(20_000),
    "- ".repeat(20_000),
    "{a: ".repeat(20_000),
    "a: &x { b: *x }",
    bomb,
    "x".repeat(maxConfigBytes + 1),
  ]) {
    const { config, problems } = parseConfig(source, "portail.yaml");
    expect(config).toBeUndefined();
    expect(problems.length).toBeGreaterThan(0);
  }
});
