import type { ConnectionView, Explanation, Outcome, RequirementView } from "../../../agent/contract/index.ts";
import { fakeDigest, fakePolicyText, lineOf, ruleRef } from "./fake-policy.ts";
import { fakeRefusals, fakeRequests } from "./fake-requests.ts";

const lineOfRequirement = (rule: string, label: string) => {
  const start = lineOf(fakePolicyText, new RegExp(`^policy ${rule} `));
  const below = fakePolicyText
    .split("\n")
    .slice(start)
    .findIndex((line) => line.includes(`require ${label}:`));
  return start + below + 1;
};

type Requirement = Omit<RequirementView, "line"> & { readonly rule: string };

const gitPush = (patched: boolean): readonly Requirement[] => [
  {
    rule: "git-push",
    label: "member",
    state: "true",
    else: "deny",
    text: '"eng" in user.groups',
    facts: [{ attribute: "user.groups", value: '["staff", "eng"]', source: "oidc" }],
  },
  {
    rule: "git-push",
    label: "encrypted",
    state: "true",
    else: "deny",
    text: "device.disk.encrypted",
    facts: [{ attribute: "device.disk.encrypted", value: "true", source: "posture" }],
  },
  {
    rule: "git-push",
    label: "patched",
    state: patched ? "true" : "false",
    else: "deny",
    text: "device.patch_age <= 14d",
    facts: [{ attribute: "device.patch_age", value: patched ? "3d" : "30d", source: "inventory" }],
    ...(patched ? {} : { say: "Install the pending updates.", help: "https://help.meridian.example/updates" }),
  },
  {
    rule: "git-push",
    label: "key",
    state: patched ? "true" : "unknown",
    else: "step_up",
    text: "hardware",
    facts: patched ? [{ attribute: "user.amr", value: '["pwd", "hwk"]', source: "oidc" }] : [],
    ...(patched ? {} : { say: "Touch your security key." }),
  },
];

const requirementsOf: Readonly<Record<string, (outcome: Outcome) => readonly Requirement[]>> = {
  "git-push": (outcome) => gitPush(outcome === "allow"),
  "orders-db": (outcome) => [
    {
      rule: "orders-db",
      label: "tool",
      state: outcome === "deny" ? "false" : "true",
      else: "deny",
      text: 'client.exe in ["/usr/bin/psql", "/usr/bin/pgbench"]',
      facts: [{ attribute: "client.exe", value: outcome === "deny" ? '"/usr/bin/python3.13"' : '"/usr/bin/psql"', source: "process" }],
      ...(outcome === "deny" ? { say: "Only psql may open the orders database." } : {}),
    },
    {
      rule: "orders-db",
      label: "hours",
      state: outcome === "challenge" ? "false" : "true",
      else: "challenge",
      text: 'work_hours or "oncall" in user.groups',
      facts: [
        { attribute: "time.hour", value: outcome === "challenge" ? "21" : "10", source: "clock" },
        { attribute: "time.weekday", value: "2", source: "clock" },
      ],
      ...(outcome === "challenge" ? { say: "Outside working hours: say why." } : {}),
    },
  ],
  "forge-web": () => [
    {
      rule: "forge-web",
      label: "member",
      state: "true",
      else: "deny",
      text: '"eng" in user.groups or "audit" in user.groups',
      facts: [{ attribute: "user.groups", value: '["staff", "eng"]', source: "oidc" }],
    },
  ],
  internet: () => [
    {
      rule: "internet",
      label: "managed",
      state: "true",
      else: "deny",
      text: "device.managed",
      facts: [{ attribute: "device.managed", value: "true", source: "inventory" }],
    },
  ],
};

const sayings: Readonly<Record<string, { readonly say: string; readonly help?: string }>> = {
  trackers: { say: "This address collects data about our people.", help: "https://help.meridian.example/trackers" },
  "old-wiki": { say: "This service has moved." },
};

const remedies: Readonly<Record<string, string>> = {
  "git-push": "device.patch_age <= 14d and hardware",
  "orders-db": 'client.exe == "/usr/bin/psql"',
};

export interface FakeQuestion {
  readonly host: string;
  readonly port: number;
  readonly outcome: Outcome;
  readonly rule: Explanation["rule"];
  readonly backend?: string | undefined;
  readonly incident?: string | undefined;
}

/** The story behind a decision of the fake policy. */
export function fakeExplanation({ host, port, outcome, rule, backend, incident }: FakeQuestion): Explanation {
  const written = requirementsOf[rule.name]?.(outcome) ?? [];
  const requirements = written.map(({ rule: name, ...rest }) => ({ ...rest, line: lineOfRequirement(name, rest.label) }));
  const saying = sayings[rule.name];
  const remedy = outcome === "allow" ? undefined : remedies[rule.name];
  const unknown = requirements.some((one) => one.state === "unknown")
    ? [{ attribute: "user.amr", why: "the sign-in is older than its longest use of 24 h", source: "oidc" }]
    : [];
  const others = host.endsWith("meridian.example")
    ? [
        {
          rule: ruleRef("guard", "abroad"),
          state: "false" as const,
          outcome: "deny" as const,
          text: 'geo.country not in ["FR", "BE", "DE"]',
        },
      ]
    : [];
  return {
    outcome,
    rule,
    host,
    port,
    ...(incident === undefined ? {} : { incident }),
    ...saying,
    requirements,
    others: [...others, { rule: ruleRef("guard", "risky"), state: "false", outcome: "challenge", text: "risk.score >= 80" }],
    unknown,
    ...(remedy === undefined ? {} : { remedy }),
    backends: backend === undefined ? [] : [backend],
    examined: Math.min(12, 3 + requirements.length),
    rules: 12,
    policyDigest: fakeDigest,
    text: `${outcome.toUpperCase()}  ${host}:${port}  by ${rule.kind} ${rule.name}${rule.line === undefined ? "" : ` (line ${rule.line})`}`,
  };
}

export function explanationOfConnection(connection: ConnectionView): Explanation {
  return fakeExplanation({
    ...connection,
    outcome: connection.outcome ?? "deny",
    rule: connection.rule ?? ruleRef("built-in", "undecidable"),
  });
}

/** What the fake policy would say about a destination nobody has asked for yet. */
export function explanationOfRequest(host: string, port: number, attributes: Readonly<Record<string, string>>): Explanation {
  if (attributes["device.patch_age"] !== undefined && host === "git.meridian.example") {
    return fakeExplanation({ host, port, outcome: "deny", rule: ruleRef("policy", "git-push"), incident: "9QXT" });
  }
  const known = [...fakeRequests, ...fakeRefusals].find((request) => request.host === host && request.port === port);
  if (known !== undefined) return fakeExplanation({ ...known, host, port });
  const isPublic = !host.endsWith("meridian.example") && (port === 80 || port === 443);
  if (isPublic) return fakeExplanation({ host, port, outcome: "allow", rule: ruleRef("policy", "internet"), backend: "direct" });
  return fakeExplanation({ host, port, outcome: "deny", rule: ruleRef("default", "default deny"), incident: "4MZ2" });
}
