import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { measureCoverage } from "../index.ts";
import { loadOk } from "../tools.suite.ts";

const agency = readFileSync(resolve(import.meta.dirname, "../../../resources/policies/agency.portail"), "utf8");

describe("coverage", () => {
  it("tells which rules decided, and which conditions came out both ways", () => {
    const { rules, taken, directions } = measureCoverage(loadOk(agency));
    const of = (name: string) => rules.find((rule) => rule.name === name);
    expect(of("malware")).toMatchObject({ kind: "guard", decided: 1, when: { holds: true, fails: true } });
    expect(of("policy")).toMatchObject({ kind: "lifeline", decided: 0 });
    expect(of("git-push")?.requirements.map(({ label, holds, fails }) => [label, holds, fails])).toEqual([
      ["member", true, false],
      ["encrypted", true, true],
      ["patched", true, true],
      ["key", true, true],
      ["fresh", true, true],
    ]);
    expect(of("out")).toMatchObject({ kind: "route", decided: 1, when: { holds: true, fails: true } });
    expect([taken, directions]).toEqual([45, 46]);
  });

  it("counts a rule that the host index passes over as one that did not hold, and one below the deciding rule as not looked at", () => {
    const { rules } = measureCoverage(
      loadOk(`portail policy 1
policy a { when request.host == "a.example" allow }
policy b { when request.host == "b.example" allow }
policy c { when request.host == "c.example" allow }
test "b" { given { request.host: "b.example", request.port: 1 } expect allow by b }`),
    );
    expect(rules.map(({ when }) => when)).toEqual([
      { holds: false, fails: true },
      { holds: true, fails: false },
      { holds: false, fails: false },
    ]);
  });

  it("takes what is unknown for neither", () => {
    const { rules } = measureCoverage(loadOk('portail policy 1\npolicy p { when device.managed allow }\ntest "t" { expect deny }'));
    expect(rules[0]).toMatchObject({ decided: 0, when: { holds: false, fails: false } });
  });
});
