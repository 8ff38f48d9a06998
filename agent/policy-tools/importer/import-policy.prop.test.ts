import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Fact } from "../../connection/index.ts";
import { decide, givenFacts } from "../../policy/index.ts";
import { importOriginal } from "../index.ts";
import { loadOk } from "../tools.suite.ts";
import { decideAsOriginal, type OriginalContext } from "./original-evaluator.suite.ts";
import { parseOriginal } from "./parse-original.ts";

const HOSTS = ["git.corp.example", "a.git.corp.example", "corp.example", "git.corp.example.evil.test", "10.0.0.1", "other.test"];
const GROUPS = ["eng", "ops", "engineering", "a/b", ""];

const atom = fc.oneof(
  fc.constantFrom("==", "!=").chain((operator) => fc.constantFrom(...HOSTS, ".corp.example").map((host) => `host ${operator} "${host}"`)),
  fc.subarray([...HOSTS, ".corp.example", "*.corp.example"]).map((hosts) => `host in [${hosts.map((host) => `"${host}"`).join(", ")}]`),
  fc
    .constantFrom(
      "git",
      "^git",
      "corp\\.example$",
      "^git\\.corp\\.example$",
      "^(git|a)|test$",
      "^[a-z]+\\.corp",
      "\\d+",
      "^$",
      "evil|other",
      "x?",
    )
    .map((pattern) => `host =~ "${pattern}"`),
  fc.constantFrom("eng", "^eng$", "^op|b$", "a/b", "^$").map((pattern) => `user.group =~ "${pattern}"`),
  fc.subarray(GROUPS).map((groups) => `user.group in [${groups.map((group) => `"${group}"`).join(", ")}]`),
  fc.constantFrom(
    'user.group == "eng"',
    '"ops" != user.group',
    "user.group == user.team",
    "device.ok == true",
    "false == device.ok",
    "true == true",
  ),
  fc.constantFrom("<", "<=", ">", ">=").map((operator) => `device-level ${operator} 2`),
  fc.constantFrom("device-level == 2", "3 > 2"),
);
const condition: fc.Arbitrary<string> = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    atom,
    fc.array(tie("any"), { minLength: 2, maxLength: 3 }).map((parts) => parts.join(" and ")),
    fc.array(tie("any"), { minLength: 2, maxLength: 3 }).map((parts) => `(${parts.join(" or ")})`),
    tie("any").map((part) => `not (${part})`),
    atom.map((part) => `not ${part}`),
  ),
})).any;
const action = fc.constantFrom("allow", "deny", 'deny explain-template="no.html"', 'redirect "https://wiki.example/"');
const braced = (text: fc.Arbitrary<string>) => fc.tuple(text, fc.boolean()).map(([body, isBraced]) => (isBraced ? `{ ${body} }` : body));
const optional = (word: string) => fc.option(braced(condition), { freq: 3 }).map((body) => (body === null ? "" : `${word} ${body} `));
const policy = fc.tuple(optional("when"), optional("require"), braced(action));
const route = fc.tuple(optional("when"), fc.subarray(["a", "b", "c"], { minLength: 1 }));
const file = fc
  .tuple(fc.array(policy, { maxLength: 5 }), fc.array(route, { maxLength: 3 }))
  .map(([policies, routes]) =>
    [
      ...policies.map(([when, require, act], index) => `policy ${index}-p { ${when}${require}action ${act} }`),
      ...routes.map(([when, use], index) => `route ${index}-p { ${when}use [${use.map((name) => `"${name}"`).join(", ")}] }`),
    ].join("\n"),
  );
const context = fc.record({
  host: fc.constantFrom(...HOSTS),
  "user.group": fc.constantFrom(...GROUPS),
  "user.team": fc.constantFrom(...GROUPS),
  "device.ok": fc.boolean(),
  "device-level": fc.constantFrom(1, 2, 3),
});

/** The facts under the names that the import gave the variables. */
function factsOf(text: string, values: OriginalContext): ReadonlyMap<string, Fact> {
  const facts = new Map<string, Fact>([["request.port", { kind: "known", value: 443 }]]);
  for (const [original, value] of values) {
    const declared = new RegExp(`attribute (\\S+): \\w+ \\{ source acl\\("${original.replace(".", "\\.")}"\\)`).exec(text)?.[1];
    facts.set(original === "host" ? "request.host" : (declared ?? original), { kind: "known", value });
  }
  return facts;
}

describe("a file of the original grammar", () => {
  it("decides after the import as it did, request by request", () => {
    fc.assert(
      fc.property(file, fc.array(context, { minLength: 1, maxLength: 8 }), (text, contexts) => {
        const parsed = parseOriginal(text);
        const imported = importOriginal(text, "filter.acl");
        if (parsed.kind === "refused" || imported.kind === "refused") throw new Error(JSON.stringify([parsed, imported]));
        const loaded = loadOk(imported.text);
        for (const values of contexts) {
          const asked = new Map(Object.entries(values));
          const expected = decideAsOriginal(parsed.file.blocks, asked);
          const { outcome, rule, backends } = decide(loaded, givenFacts(factsOf(imported.text, asked))).verdict;
          expect(outcome).toBe(expected.outcome);
          expect(rule.name).toBe(expected.policy === undefined ? "default" : `policy-${expected.policy}`);
          if (outcome === "allow") expect(backends).toEqual([...new Set(expected.routes)]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("is parsed or refused, whatever it is, and nothing else", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          file.map((text) => text.slice(1)),
        ),
        (text) => {
          const result = importOriginal(text, "x.acl");
          if (result.kind === "refused") expect(result.line).toBeGreaterThan(0);
          else loadOk(result.text);
        },
      ),
    );
  });
});
