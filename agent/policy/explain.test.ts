import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { explanationSchema } from "../contract/index.ts";
import { type Audience, explain } from "./index.ts";
import { factsOf, loadOk, policyOf } from "./policy.suite.ts";

const golden = loadOk(`portail policy 1
# portail: allow W_FALLBACK
attribute risk.score { source risk max_age 15m fallback 50 }
attribute device.patch_age { source inventory }
let strong = user.amr.exists(m, m in ["hwk", "pop"])

guard contractors { when "contractors" in user.groups deny say "Contractors have no access." }
policy shop {
  when request.host in [".shop.example"]
  require patched: device.patch_age <= 14d else deny say "Install the pending updates." help "https://help.example/updates"
  require key: strong else step_up amr "hwk" hold 60s say "Touch your security key."
  require calm: 100 / (100 - risk.score) < 5 else challenge reason hold 60s say "Say why."
  allow log full
}
policy wiki { when request.host == "wiki.example" and 60 / time.hour >= 1 redirect "https://new.example/wiki" say "The wiki has moved." }
policy web { when request.port in [80, 443] and device.trust >= 2 allow }
route paris { when request.host in [".shop.example"] use ["paris"] }

reveal page to user {
  show decision.outcome, decision.rule, decision.failed, decision.say, decision.help, decision.incident
  show request.host, request.port, device.patch_age
  mask user.amr
}
reveal desk to support {
  show decision.outcome, decision.incident, device.patch_age
  coarse request.host
}
`);

const fine = {
  "request.host": "www.shop.example",
  "request.port": "443",
  "user.groups": "staff",
  "user.amr": "hwk",
  "device.patch_age": "3d",
  "device.trust": "3",
  "risk.score": "10",
  "time.hour": "10",
};

/** Each outcome with everything known, with something unknown, and with something that goes wrong. */
const cases: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "allow, known": {},
  "allow, a fallback stands in": { "risk.score": "unknown" },
  "deny, known: two obstacles": { "device.patch_age": "30d", "user.amr": "pwd" },
  "deny, unknown requirement": { "device.patch_age": "unknown" },
  "deny, a guard that may apply": { "user.groups": "unknown" },
  "deny, a guard that applies": { "user.groups": "contractors" },
  "deny, no policy applies": { "request.host": "www.example", "device.trust": "1" },
  "step_up, known": { "user.amr": "pwd" },
  "step_up, unknown": { "user.amr": "unknown" },
  "challenge, known": { "risk.score": "90" },
  "challenge, error": { "risk.score": "100" },
  "redirect, known": { "request.host": "wiki.example" },
  "redirect, unknown": { "request.host": "wiki.example", "time.hour": "unknown" },
  "redirect, error": { "request.host": "wiki.example", "time.hour": "0" },
};

const story = (values: Readonly<Record<string, string>>, audience?: Audience): string =>
  explain(golden, factsOf(golden, { ...fine, ...values }), { incident: "7F3K", ...(audience && { audience }) }).text;

describe("explanations", () => {
  it("read as they always did: explain.golden.txt has each outcome, known, unknown and failing, for each audience", async () => {
    const pages = Object.entries(cases).map(([title, values]) => {
      const parts = (["everything", "user", "support", "metrics"] as const).map(
        (audience) => `-- ${audience}\n${story(values, audience === "everything" ? undefined : audience)}`,
      );
      return `== ${title}\n${parts.join("\n")}`;
    });
    await expect(`${pages.join("\n\n")}\n`).toMatchFileSnapshot("./explain.golden.txt");
  });

  it("have the form that the language's reference gives", () => {
    const agency = loadOk(readFileSync("resources/policies/agency.portail", "utf8"));
    const facts = factsOf(agency, {
      "request.host": "git.corp.example.com",
      "request.port": "22",
      "user.groups": "eng",
      "user.amr": "pwd",
      "user.auth_age": "1h",
      "device.disk.encrypted": "true",
      "device.patch_age": "30d",
      "geo.country": "FR",
      "risk.score": "10",
    });
    expect(explain(agency, facts).text.split("\n")).toEqual([
      "DENY  git.corp.example.com:22  by policy git-push (line 39)",
      "  requirement patched (line 43) is not met: device.patch_age <= 14d",
      "      device.patch_age = 30d   (from given)",
      "      Install the pending updates.",
      "  requirement key (line 44) is not met: strong",
      '      user.amr = ["pwd"]   (from given)',
      "      Touch your security key.",
      "  would be allowed if device.patch_age <= 14d and strong",
      "  3 of 15 rules examined",
    ]);
  });

  it("are data as well", () => {
    const explanation = explain(golden, factsOf(golden, { ...fine, "device.patch_age": "30d" }));
    expect(explanationSchema.parse(explanation)).toEqual(explanation);
    expect(explanation).toMatchObject({
      outcome: "deny",
      rule: { kind: "policy", name: "shop" },
      host: "www.shop.example",
      port: 443,
      requirements: [
        { label: "patched", state: "false", else: "deny", facts: [{ attribute: "device.patch_age", value: "30d", source: "given" }] },
        { label: "key", state: "true" },
        { label: "calm", state: "true" },
      ],
      remedy: "device.patch_age <= 14d",
      policyDigest: golden.digest,
    });
  });

  it("a rule that may apply never shows its own text to an audience", () => {
    for (const audience of ["user", "support"] as const) {
      const { text } = explain(golden, factsOf(golden, { ...fine, "user.groups": "unknown" }), { audience });
      expect(text).not.toMatch(/Contractors|user\.groups/);
    }
    expect(story({ "user.groups": "unknown" }, "user")).toContain("It could not be found out whether this is allowed.");
  });

  it("a remedy that would not help is not told", () => {
    const policy = policyOf('guard g { when "eng" in user.groups deny }\npolicy p { require "eng" in user.groups allow }');
    expect(explain(policy, factsOf(policy, { "user.groups": "ops" })).remedy).toBeUndefined();
  });

  it("the nearest rule that would allow is named when none applies", () => {
    const text = story({ "request.host": "www.example", "request.port": "22", "device.trust": "1" });
    expect(text).toContain("would be allowed if request.port in [80, 443] and device.trust >= 2, by policy web");
  });
});
