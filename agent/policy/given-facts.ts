import type { Fact, Facts } from "../connection/index.ts";

const NOT_GIVEN: Fact = { kind: "unknown", why: "not given" };

/** Facts written down by hand, for tests, what-if forms and `--set`: what is not named is unknown. */
export function givenFacts(given: ReadonlyMap<string, Fact>): Facts {
  return { read: (attribute) => given.get(attribute) ?? NOT_GIVEN };
}

const OF_DESTINATION: ReadonlySet<string> = new Set(["request.ip", "request.sni", "geo.dest.country"]);

/**
 * The same facts about another destination, for judging a `rewrite` on its target. What was learnt about the first destination
 * (its address, its country, the server name that the program asked for) says nothing about the second and is unknown.
 */
export function retarget(facts: Facts, target: { readonly host: string; readonly port: number }): Facts {
  return {
    read: (attribute) => {
      if (attribute === "request.host") return { kind: "known", value: target.host };
      if (attribute === "request.port") return { kind: "known", value: target.port };
      if (OF_DESTINATION.has(attribute)) return { kind: "unknown", why: "the destination was rewritten" };
      return facts.read(attribute);
    },
  };
}
