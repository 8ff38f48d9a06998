import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { AuditRecord } from "../../contract/index.ts";
import { decide, givenFacts, parseAttributeValue, type Policy } from "../../policy/index.ts";
import { diffPolicies, readTraffic, type DiffClass } from "../index.ts";
import { loadOk } from "../tools.suite.ts";

const agency = readFileSync(resolve(import.meta.dirname, "../../../resources/policies/agency.portail"), "utf8");
const old = loadOk(agency);

function changed(from: string, to: string): Policy {
  expect(agency).toContain(from);
  return loadOk(agency.replace(from, to));
}

function summary(classes: readonly DiffClass[]): readonly string[] {
  return classes.map(
    ({ kind, before, after }) => `${kind}: ${before.outcome} by ${before.rule.name} -> ${after.outcome} by ${after.rule.name}`,
  );
}

/** What a policy decides in a class's example. */
function replay(policy: Policy, { example }: DiffClass): string {
  const scope = example.find(({ attribute }) => attribute === "(break_glass)")?.value;
  const facts = new Map(
    example
      .filter(({ attribute }) => attribute !== "(break_glass)")
      .map(({ attribute, value }) => {
        const parsed = parseAttributeValue(policy, attribute, value);
        if ("problem" in parsed) throw new Error(`${attribute}=${value}: ${parsed.problem}`);
        return [attribute, parsed.fact];
      }),
  );
  const { outcome, rule } = decide(policy, givenFacts(facts), scope === undefined ? {} : { breakGlass: scope }).verdict;
  return `${outcome} by ${rule.name}`;
}

describe("a difference without traffic", () => {
  it("is empty between a policy and itself, and when only names and layout change", () => {
    expect(diffPolicies(old, old).classes).toEqual([]);
    expect(
      diffPolicies(
        loadOk('portail policy 1\nset s=hosts["a.b"] policy one{when request.host in s allow}'),
        loadOk('portail policy 1\npolicy two { when request.host in ["a.b"] allow }'),
      ).classes,
    ).toEqual([]);
  });

  it.each([
    [
      "a lower bound",
      "device.managed and device.trust >= 3",
      "device.managed and device.trust >= 2",
      "opens: deny by finance -> allow by finance",
    ],
    ["an upper bound", "device.patch_age <= 14d", "device.patch_age <= 15d", "opens: deny by git-push -> allow by git-push"],
    ["one label more", '"*.ci.corp.example.com"', '"**.ci.corp.example.com"', "opens: deny by default -> allow by git-read"],
    ["a port", "[80, 443]", "[80, 443, 8080]", "opens: deny by default -> allow by internet"],
    ["a country", '["FR", "BE"', '["FR", "US", "BE"', "opens: deny by abroad -> allow by git-push"],
    ["a group that two others need", ' or "finance-oncall" in user.groups', "", "closes: allow by finance -> challenge by finance"],
    ["a way out", '["par01a", "par01b"]', '["par01a"]', "changes: allow by git-push -> allow by git-push"],
    ["a guard's threshold", "risk.score >= 80", "risk.score > 80", "opens: challenge by risky -> allow by git-push"],
    [
      "a domain that a look-alike now joins",
      '"wiki.old.example.com"',
      '"wiki.old.example.com.evil.example"',
      "closes: redirect by legacy-wiki -> deny by default",
    ],
    [
      "a scope",
      'note "IdP or inventory outage; two of three holders"\n  when request.host in [".corp.example.com"]',
      "when request.host in forges",
      "closes: allow by incident -> allow by git-read",
    ],
  ])("finds %s", (_name, from, to, expected) => {
    const young = changed(from, to);
    const { classes, contexts } = diffPolicies(old, young, { limit: 40_000 });
    expect(contexts).toBeLessThan(50_000);
    if (expected.startsWith("closes: allow by incident")) expect(classes.some(({ before }) => before.rule.name === "incident")).toBe(true);
    else expect(summary(classes)).toContain(expected);
    for (const found of classes) {
      expect(replay(old, found)).toBe(`${found.before.outcome} by ${found.before.rule.name}`);
      expect(replay(young, found)).toBe(`${found.after.outcome} by ${found.after.rule.name}`);
    }
  });

  it("finds the one rule that changed among thousands", () => {
    const rule = (index: number) => `policy p${index} { when request.host == "s${index}.corp.example" and request.port == 443 allow }`;
    const text = `portail policy 1\n${Array.from({ length: 3000 }, (_, index) => rule(index)).join("\n")}`;
    const young = text.replace('"s777.corp.example" and request.port == 443', '"s777.corp.example" and request.port == 444');
    const { classes } = diffPolicies(loadOk(text), loadOk(young), { limit: 5000 });
    expect(classes.map(({ kind, destinations }) => [kind, destinations])).toEqual([
      ["opens", ["s777.corp.example:444"]],
      ["closes", ["s777.corp.example:443"]],
    ]);
  });

  it("leaves out of an example what does not matter", () => {
    const [first] = diffPolicies(old, changed("[80, 443]", "[80, 443, 8080]")).classes;
    expect(first?.example.map(({ attribute }) => attribute)).toEqual(["request.host", "request.port", "device.managed"]);
  });
});

describe("a difference on traffic", () => {
  const record = (seq: number, host: string, rule: string, outcome: AuditRecord["outcome"]): AuditRecord => ({
    seq,
    time: seq,
    kind: "verdict",
    host,
    port: 443,
    program: "/usr/bin/curl",
    outcome,
    rule: { kind: "policy", name: rule },
    body: { policy: old.digest, protocol: "socks5" },
    prev: "",
    hash: "",
  });
  const young = changed("require managed: device.managed\n  allow log summary", "allow log summary");

  it("looks only where somebody went, and counts how often", () => {
    const traffic = readTraffic([
      record(1, "a.example", "internet", "deny"),
      record(2, "a.example", "internet", "deny"),
      record(3, "wiki.old.example.com", "legacy-wiki", "redirect"),
    ]);
    const { classes, requests } = diffPolicies(old, young, { traffic, limit: 5000 });
    expect(requests).toBe(3);
    expect(classes.filter(({ kind }) => kind === "opens").map(({ requests: count, destinations }) => [count, destinations])).toContainEqual(
      [2, ["a.example:443"]],
    );
    expect(classes.flatMap(({ destinations }) => destinations)).not.toContain("wiki.old.example.com:443");
  });

  it("believes the record: what was allowed had whatever it needed", () => {
    const traffic = readTraffic([record(1, "a.example", "internet", "allow")]);
    const { classes } = diffPolicies(old, young, { traffic, limit: 5000 });
    expect(classes).toEqual([]);
  });
});
