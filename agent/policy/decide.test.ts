import { describe, expect, it } from "vitest";
import type { Fact, Verdict } from "../connection/index.ts";
import { decide, type DecideOptions, givenFacts, type Policy, retarget } from "./index.ts";
import { containing, factMapOf, factsOf, policyOf } from "./policy.suite.ts";

const verdictOf = (policy: Policy, values: Readonly<Record<string, string>>, options: DecideOptions = {}): Verdict =>
  decide(policy, factsOf(policy, values), options).verdict;

describe("actions", () => {
  it("an allow carries its log level, its longest life and what happens on a change", () => {
    expect(verdictOf(policyOf("policy p { allow log full for 4h on_change close }"), {})).toMatchObject({
      outcome: "allow",
      log: "full",
      lifetimeMs: 14_400_000,
      onChange: "close",
      rule: { kind: "policy", name: "p", line: 2 },
    });
    expect(verdictOf(policyOf("policy p { allow }"), {})).toMatchObject({ log: "summary", onChange: "drain" });
  });

  it("a step-up or challenge carries what is asked for, and the shortest hold", () => {
    const policy = policyOf(
      'guard g { when true step_up acr "gold" hold 30s }\npolicy p { require a: false else step_up max_age 8h hold 60s require b: false else challenge reason hold 60s allow }',
    );
    expect(verdictOf(policy, {})).toMatchObject({
      outcome: "challenge",
      rule: { name: "p" },
      ask: {
        kind: "challenge",
        holdMs: 30_000,
        asks: [{ what: "acr", value: "gold" }, { what: "max_age", value: "8h" }, { what: "reason" }],
      },
      failed: [
        { label: "a", effect: "step_up" },
        { label: "b", effect: "challenge" },
      ],
    });
  });

  it("what the person answered meets the challenges that ask for it, and nothing else", () => {
    const policy = policyOf(
      "guard g { when true challenge confirm hold 30s }\npolicy p { require a: false else challenge reason hold 60s allow for 4h log none }",
    );
    const after = (...answers: readonly string[]) => verdictOf(policy, {}, { answered: new Set(answers) });
    expect(after("confirm")).toMatchObject({ outcome: "challenge", rule: { name: "p" }, ask: { asks: [{ what: "reason" }] } });
    expect(after("reason")).toMatchObject({ outcome: "challenge", rule: { name: "g" }, ask: { asks: [{ what: "confirm" }] } });
    expect(after("confirm", "reason")).toMatchObject({ outcome: "allow", rule: { name: "p" }, lifetimeMs: 14_400_000, log: "none" });
    const others = policyOf('policy p { require a: false else step_up acr "confirm" require b: false else deny allow }');
    expect(verdictOf(others, {}, { answered: new Set(["confirm", "acr"]) })).toMatchObject({ outcome: "deny" });
    expect(verdictOf(policyOf("policy p { challenge confirm }"), {}, { answered: new Set(["confirm"]) })).toMatchObject({
      outcome: "allow",
    });
  });

  it("a redirect carries its link, but not when the rule only may apply", () => {
    const policy = policyOf('policy p { when geo.country == "FR" redirect "https://new.example/" }\npolicy q { allow }');
    expect(verdictOf(policy, { "geo.country": "FR" })).toMatchObject({ outcome: "redirect", redirect: "https://new.example/" });
    const unsure = verdictOf(policy, {});
    expect(unsure).toMatchObject({ outcome: "redirect", mayApply: true });
    expect(unsure.redirect).toBeUndefined();
  });

  it("a rewrite allows with a canonical target; a second one to yet another place is refused", () => {
    const policy = policyOf('policy p { when request.port == 80 rewrite "Proxy.Example:3128" }\npolicy q { rewrite "other.example:1" }');
    expect(verdictOf(policy, { "request.port": "80" })).toMatchObject({ outcome: "allow", rewrite: { host: "proxy.example", port: 3128 } });
    const again = { "request.host": "proxy.example", "request.port": "3128" };
    expect(verdictOf(policy, again, { rewritten: true })).toMatchObject({ outcome: "deny", rule: { name: "q" } });
    const arrived = { "request.host": "other.example", "request.port": "1" };
    expect(verdictOf(policy, arrived, { rewritten: true })).toMatchObject({ outcome: "allow" });
  });

  it("when it is not known whether a rewrite applies, the connection is refused rather than sent to the wrong place", () => {
    const policy = policyOf('policy p { when geo.country == "FR" rewrite "fr.example:1" }\npolicy q { allow }');
    expect(verdictOf(policy, {})).toMatchObject({ outcome: "deny", mayApply: true, rule: { name: "p" } });
    expect(verdictOf(policy, { "geo.country": "US" })).toMatchObject({ outcome: "allow" });
  });
});

describe("requirements", () => {
  const policy = policyOf(
    'policy p { when request.port == 22 require a: request.tls else deny say "Use TLS." help "https://h.example" require "eng" in user.groups say "Join eng." allow }\npolicy q { allow }',
  );

  it("all that are not met are told, with their words", () => {
    expect(verdictOf(policy, { "request.port": "22", "request.tls": "false", "user.groups": "ops" })).toMatchObject({
      outcome: "deny",
      say: "Use TLS. Join eng.",
      help: "https://h.example",
      failed: [
        { label: "a", state: "false", say: "Use TLS." },
        { label: "2", state: "false", say: "Join eng." },
      ],
    });
  });

  it("a selected policy is final", () => {
    expect(verdictOf(policy, { "request.port": "22", "request.tls": "true", "user.groups": "ops" }).outcome).toBe("deny");
    expect(verdictOf(policy, { "request.port": "80" })).toMatchObject({ outcome: "allow", rule: { name: "q" } });
  });

  it("else next goes on to the following rule", () => {
    const falling = policyOf("policy p { require a: request.tls else next allow log full }\npolicy q { allow log none }");
    expect(verdictOf(falling, { "request.tls": "true" })).toMatchObject({ rule: { name: "p" }, log: "full" });
    expect(verdictOf(falling, { "request.tls": "false" })).toMatchObject({ rule: { name: "q" }, log: "none" });
    expect(verdictOf(falling, {})).toMatchObject({ outcome: "allow", log: "full" });
  });

  it("one that could not be found out is not met, and neither is one that failed with an error", () => {
    const careful = policyOf("policy p { require a: device.trust >= 3 require b: 10 / device.trust > 1 allow }");
    expect(verdictOf(careful, { "device.trust": "0" }).failed).toMatchObject([{ state: "false" }, { state: "error" }]);
    const dark = verdictOf(careful, {});
    expect(dark.failed).toMatchObject([{ state: "unknown" }, { state: "unknown" }]);
    expect(dark.unknown.map(({ attribute }) => attribute)).toEqual(["device.trust"]);
  });
});

describe("rules that may apply", () => {
  it("do not show their own words", () => {
    const policy = policyOf(
      'guard g { when "contractors" in user.groups deny say "Contractors have no access." help "https://h.example" }\npolicy p { allow }',
    );
    const verdict = verdictOf(policy, {});
    expect(verdict).toMatchObject({ outcome: "deny", mayApply: true, unknown: [{ attribute: "user.groups" }] });
    expect(JSON.stringify(verdict)).not.toMatch(/Contractors|h\.example/);
  });

  it("are outdone by one that surely applies", () => {
    const policy = policyOf(
      'guard a { when geo.country == "US" deny }\nguard b { when request.tls deny say "No TLS." }\npolicy p { allow }',
    );
    expect(verdictOf(policy, { "request.tls": "true" })).toMatchObject({ rule: { name: "b" }, say: "No TLS." });
  });

  it("count as the policy says: skip, deny, step_up", () => {
    const guard = (onUnknown: string) => policyOf(`guard g { when risk.score > 5 challenge confirm ${onUnknown} }\npolicy p { allow }`);
    expect(verdictOf(guard(""), {}).outcome).toBe("challenge");
    expect(verdictOf(guard('on_unknown skip because "it is early"'), {}).outcome).toBe("allow");
    expect(verdictOf(guard("on_unknown deny"), {}).outcome).toBe("deny");
    expect(verdictOf(guard('on_unknown step_up amr "hwk"'), {})).toMatchObject({ outcome: "step_up", ask: { asks: [{ what: "amr" }] } });
  });
});

describe("lifelines and break-glass", () => {
  const policy = policyOf(
    'lifeline idp "sso.example:443"\nguard always-bad { always when request.host in [".bad.example"] deny }\nguard abroad { when geo.country != "FR" deny }\nbreak_glass incident { when request.host in [".example"] max 4h quorum 1 keys ["k"] }',
  );

  it("a lifeline is reached though everything is unknown, on its own port only", () => {
    expect(verdictOf(policy, { "request.host": "sso.example", "request.port": "443" })).toMatchObject({
      outcome: "allow",
      rule: { kind: "lifeline", name: "idp" },
    });
    expect(verdictOf(policy, { "request.host": "sso.example", "request.port": "80" }).outcome).toBe("deny");
  });

  it("an active scope opens what it covers, with a full log, and lifts guards except those marked always", () => {
    const git = { "request.host": "git.example", "geo.country": "US" };
    expect(verdictOf(policy, git).outcome).toBe("deny");
    expect(verdictOf(policy, git, { breakGlass: "incident" })).toMatchObject({
      outcome: "allow",
      breakGlass: "incident",
      log: "full",
      onChange: "close",
    });
    expect(verdictOf(policy, { "request.host": "x.bad.example" }, { breakGlass: "incident" })).toMatchObject({
      outcome: "deny",
      rule: { name: "always-bad" },
    });
  });

  it("a scope opens nothing when it is another, does not cover the host, or is not known to", () => {
    expect(verdictOf(policy, { "request.host": "git.example" }, { breakGlass: "other" }).outcome).toBe("deny");
    expect(verdictOf(policy, { "request.host": "git.elsewhere" }, { breakGlass: "incident" }).outcome).toBe("deny");
    expect(verdictOf(policy, {}, { breakGlass: "incident" }).outcome).toBe("deny");
  });
});

describe("facts and their age", () => {
  const policy = policyOf(
    'attribute device.managed { source inventory("Managed") max_age 1h stale 1d }\nattribute risk.score { max_age 15m fallback 50 }\nguard risky { when risk.score >= 80 deny }\npolicy p { require device.managed allow }',
  );
  const known = (value: boolean | number, ageMs: number): Fact => ({ kind: "known", value, ageMs });
  const aged = (managed: Fact, risk: Fact): Verdict =>
    decide(
      policy,
      givenFacts(
        new Map([
          ["device.managed", managed],
          ["risk.score", risk],
        ]),
      ),
    ).verdict;

  it("a stale value is used and named, one that is too old is unknown and named with its source", () => {
    const risk = known(10, 0);
    expect(aged(known(true, 3_600_000), risk)).toMatchObject({ outcome: "allow", stale: [] });
    expect(aged(known(true, 3_600_001), risk)).toMatchObject({ outcome: "allow", stale: ["device.managed"] });
    expect(aged(known(true, 90_000_001), risk)).toMatchObject({
      outcome: "deny",
      unknown: [{ attribute: "device.managed", why: containing("too old"), source: "inventory" }],
    });
  });

  it("a fallback stands in for what is unknown or too old, and is named", () => {
    for (const risk of [known(91, 900_001), { kind: "unknown", why: "source down" } as const]) {
      expect(aged(known(true, 0), risk)).toMatchObject({ outcome: "allow", assumed: ["risk.score"] });
    }
    expect(aged(known(true, 0), known(91, 0))).toMatchObject({ outcome: "deny", assumed: [] });
  });

  it("a value of another type than declared is unknown, and says so", () => {
    const verdict = decide(policy, givenFacts(new Map([["device.managed", { kind: "known", value: "yes" }]]))).verdict;
    expect(verdict).toMatchObject({ outcome: "deny", unknown: [{ attribute: "device.managed", why: containing("bool") }] });
  });

  it("a source that throws makes its fact unknown and breaks nothing", () => {
    const { verdict } = decide(policy, {
      read: () => {
        throw new Error("disk on fire");
      },
    });
    expect(verdict.outcome).toBe("deny");
  });
});

describe("facts that are fetched on demand", () => {
  const policy = policyOf(
    'guard g { when client.exe == "/usr/bin/curl" deny }\npolicy web { when request.port == 443 allow }\nroute r { when net.location == "office" use ["direct"] }',
  );
  const wanted = (values: Readonly<Record<string, string>>): readonly string[] => {
    const given = factMapOf(policy, values);
    return decide(policy, { read: (attribute) => given.get(attribute) ?? { kind: "unknown", why: "not fetched", pending: true } }).wanted;
  };

  it("only those that could change the verdict are wanted", () => {
    expect(wanted({ "request.port": "443", "request.host": "a.example" })).toEqual(["client.exe"]);
    expect(wanted({ "request.port": "443", "request.host": "a.example", "client.exe": "/bin/ssh" })).toEqual(["net.location"]);
    expect(wanted({ "request.port": "443", "request.host": "a.example", "client.exe": "/bin/ssh", "net.location": "home" })).toEqual([]);
  });

  it("nothing is fetched for a refusal that is certain", () => {
    expect(wanted({ "request.port": "22", "request.host": "a.example" })).toEqual([]);
    expect(wanted({ "client.exe": "/usr/bin/curl" })).toEqual([]);
  });
});

describe("routes", () => {
  const policy = policyOf(
    'policy p { allow }\nroute a { when request.host in [".corp.example"] use ["one", "two"] }\nroute b { use ["two", "three"] }\nroute c { when request.tls use ["four"] }',
  );

  it("every one that holds adds its backends in order, without duplicates; one that may hold adds nothing", () => {
    expect(verdictOf(policy, { "request.host": "x.corp.example" }).backends).toEqual(["one", "two", "three"]);
    expect(verdictOf(policy, { "request.host": "x.example", "request.tls": "true" }).backends).toEqual(["two", "three", "four"]);
  });
});

describe("facts about another destination", () => {
  it("a retargeted request forgets what was learnt about the first destination", () => {
    const facts = givenFacts(
      new Map([
        ["request.ip", { kind: "known", value: "10.0.0.1" }],
        ["user.sub", { kind: "known", value: "alice" }],
      ]),
    );
    const other = retarget(facts, { host: "b.example", port: 8 });
    expect(other.read("request.host")).toEqual({ kind: "known", value: "b.example" });
    expect(other.read("request.ip").kind).toBe("unknown");
    expect(other.read("user.sub")).toEqual({ kind: "known", value: "alice" });
  });
});
