/** Random policies over a small world, in which every value of every attribute can be tried. */
import fc from "fast-check";
import type { Fact, Facts } from "../connection/index.ts";
import type { Total } from "./linear-evaluator.suite.ts";

/** Every attribute with every value that it may have. */
export const WORLD: Readonly<Record<string, readonly (boolean | number | string | readonly string[])[]>> = {
  "request.host": ["corp.example", "git.corp.example", "a.b.corp.example", "other.example", "corp.example.evil"],
  "request.port": [22, 80, 443, 8080],
  "device.managed": [true, false],
  "device.trust": [1, 2, 3],
  "device.patch_age": [0, 86_400_000, 2_592_000_000],
  "geo.country": ["FR", "US"],
  "user.groups": [[], ["eng"], ["ops"], ["eng", "ops"]],
};

const PATTERNS = ["corp.example", "git.corp.example", "*.corp.example", "**.corp.example", ".corp.example", ".example", "other.example"];

const atom = fc.oneof(
  fc.subarray(PATTERNS, { minLength: 1, maxLength: 3 }).map((hosts) => `request.host in ${JSON.stringify(hosts)}`),
  fc.constantFrom("git.corp.example", "other.example").map((host) => `request.host == "${host}"`),
  fc.constantFrom("22", "80", "22, 443").map((ports) => `request.port in [${ports}]`),
  fc.constantFrom("device.managed", "device.trust >= 2", "device.trust <= 1", "device.patch_age <= 14d", 'geo.country in ["FR"]'),
  fc.constantFrom("eng", "ops").map((group) => `"${group}" in user.groups`),
);

export const condition: fc.Arbitrary<string> = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    atom,
    fc.array(tie("any"), { minLength: 2, maxLength: 3 }).map((parts) => `(${parts.join(" and ")})`),
    fc.array(tie("any"), { minLength: 2, maxLength: 3 }).map((parts) => `(${parts.join(" or ")})`),
    tie("any").map((part) => `not (${part})`),
  ),
})).any;

const refusal = fc.constantFrom(
  'deny say "no"',
  'step_up amr "hwk"',
  "challenge confirm",
  'redirect "https://x.example/"',
  'challenge approve "soc"',
);
const otherwise = fc.oneof(refusal, fc.constant("next"), fc.constant("deny"));

export interface RandomPolicy {
  readonly guards: readonly string[];
  readonly policies: readonly string[];
  readonly routes: readonly string[];
}

const named = (blocks: readonly ((name: string) => string)[], prefix: string): string[] =>
  blocks.map((block, at) => block(`${prefix}${at}`));

const guard = fc.tuple(condition, refusal).map(
  ([when, action]) =>
    (name: string) =>
      `guard ${name} { when ${when} ${action} }`,
);
const policy = fc
  .record({
    when: fc.option(condition, { freq: 8 }),
    requires: fc.array(fc.tuple(condition, otherwise), { maxLength: 3 }),
    action: fc.oneof({ weight: 5, arbitrary: fc.constantFrom("allow", "allow log full for 4h") }, refusal),
  })
  .map(({ when, requires, action }) => (name: string) => {
    const lines = requires.map(([text, other], at) => `require r${at}: ${text} else ${other}`);
    return `policy ${name} { ${when === null ? "" : `when ${when}`} ${lines.join(" ")} ${action} }`;
  });
const route = fc.tuple(condition, fc.constantFrom("a", "b", "c")).map(
  ([when, backend]) =>
    (name: string) =>
      `route ${name} { when ${when} use ["${backend}"] }`,
);

export const randomPolicy: fc.Arbitrary<RandomPolicy> = fc.record({
  guards: fc.array(guard, { maxLength: 3 }).map((blocks) => named(blocks, "g")),
  policies: fc.array(policy, { maxLength: 5 }).map((blocks) => named(blocks, "p")),
  routes: fc.array(route, { maxLength: 3 }).map((blocks) => named(blocks, "r")),
});

export const textOf = ({ guards, policies, routes }: RandomPolicy): string =>
  ["portail policy 1", ...guards, ...policies, ...routes].join("\n");

export const total: fc.Arbitrary<Total> = fc.record(
  Object.fromEntries(Object.entries(WORLD).map(([attribute, values]) => [attribute, fc.constantFrom(...values)])),
);

/** Facts about a total world of which some are not known. */
export function factsOfTotal(world: Total, unknown: ReadonlySet<string> = new Set()): Facts {
  return {
    read: (attribute): Fact => {
      const value = unknown.has(attribute) ? undefined : world[attribute];
      return value === undefined ? { kind: "unknown", why: "not given" } : { kind: "known", value };
    },
  };
}

export const someAttributes = fc.subarray(Object.keys(WORLD)).map((names) => new Set(names));
