import type { RuleRef } from "../../../agent/contract/index.ts";

export const fakePolicySource = "/etc/portail/policy.portail";

/** A policy as the platform team of a company of three hundred might write it. */
export const fakePolicyText = `portail policy 1
# Meridian Works: engineering and finance laptops.
# Reviewed by the platform team; changes go through the policy repository.

attribute risk.score     { source risk  max_age 15m  stale 4h  fallback 50 }
attribute device.managed { source inventory("Managed")  max_age 1h  stale 7d }

lifeline sign-in "sso.meridian.example:443"

set forges    = hosts ["git.meridian.example", "*.ci.meridian.example"]
set registers = hosts ["registry.meridian.example", "deb.debian.example", "crates.example"]
set ledger    = hosts [".finance.meridian.example"]
set trackers  = hosts [".telemetry.example", "beacon.adnet.example"]

let work_hours = time.weekday in [1, 2, 3, 4, 5] and time.hour >= 7 and time.hour < 20
let hardware   = user.amr.exists(m, m in ["hwk", "pop"])

# --- guards: the strictest wins, no policy below can undo them
guard trackers {
  when request.host in trackers
  deny say "This address collects data about our people." help "https://help.meridian.example/trackers"
}
guard abroad {
  when request.host in [".meridian.example"] and geo.country not in ["FR", "BE", "DE"]
  deny say "Internal services cannot be reached from this country."
}
guard risky {
  when risk.score >= 80
  challenge approve "soc" say "Unusual activity: the security desk must approve."
}

# --- policies: the first one whose \`when\` holds decides
policy git-push {
  when request.host in forges and request.port == 22
  require member:    "eng" in user.groups     else deny say "Ask for the group eng." help "https://help.meridian.example/groups"
  require encrypted: device.disk.encrypted    else deny say "Turn on disk encryption."
  require patched:   device.patch_age <= 14d  else deny say "Install the pending updates." help "https://help.meridian.example/updates"
  require key:       hardware                 else step_up amr "hwk" hold 60s say "Touch your security key."
  allow log full on_change drain
}
policy forge-web {
  when request.host in forges and request.port == 443
  require member: "eng" in user.groups or "audit" in user.groups
  allow
}
policy orders-db {
  when request.host == "orders.db.meridian.example" and request.port == 5432
  require tool:  client.exe in ["/usr/bin/psql", "/usr/bin/pgbench"]  else deny say "Only psql may open the orders database."
  require hours: work_hours or "oncall" in user.groups                else challenge reason say "Outside working hours: say why."
  allow log full for 8h on_change close
}
policy ledger {
  when request.host in ledger
  require member:  "finance" in user.groups
  require managed: device.managed and device.trust >= 3  else deny say "Use your managed laptop."
  allow log full
}
policy packages {
  when request.host in registers and request.port == 443
  allow log summary
}
policy old-wiki {
  when request.host == "wiki.old.meridian.example"
  redirect "https://wiki.meridian.example/moved"
}
policy mail {
  when request.host == "mail.meridian.example" and request.port in [465, 993]
  allow log summary on_change keep
}
policy internet {
  when not (request.host in [".meridian.example"]) and request.port in [80, 443]
  require managed: device.managed
  allow log summary
}

# --- ways out: every one whose \`when\` holds adds its backends, in order
route paris {
  when request.host in [".meridian.example"]
  use ["paris", "lyon"]
}

reveal page to user {
  show decision.outcome, decision.rule, decision.say, decision.failed, request.host, request.port
  mask user.email
}

fixture alice  { user.sub: "alice", user.groups: ["staff", "eng"], user.amr: ["pwd", "hwk"], device.managed: true, device.trust: 3 }
fixture laptop { device.disk.encrypted: true, device.patch_age: 3d, geo.country: "FR", risk.score: 10 }
fixture ssh    { request.host: "git.meridian.example", request.port: 22, client.exe: "/usr/bin/ssh" }

test "an engineer pushes"                  { given alice, laptop, ssh expect allow by git-push via ["paris", "lyon"] }
test "old updates stop a push and say why" { given alice, laptop, ssh, { device.patch_age: 30d } expect deny by git-push needs patched }
test "a password alone asks for the key"   { given alice, laptop, ssh, { user.amr: ["pwd"] } expect step_up by git-push needs key }
test "abroad, nothing internal opens"      { given alice, laptop, ssh, { geo.country: "US" } expect deny by abroad }
test "high risk needs the desk"            { given alice, laptop, ssh, { risk.score: 91 } expect challenge by risky }
test "the sign-in is always reachable"     { given { request.host: "sso.meridian.example", request.port: 443 } expect allow by lifeline }
test "trackers stay out"                   { given alice, laptop, { request.host: "eu.telemetry.example", request.port: 443 } expect deny by trackers }
test "the old wiki leads to the new one"   { given alice, laptop, { request.host: "wiki.old.meridian.example", request.port: 80 } expect redirect by old-wiki }
`;

/** Where a rule or a requirement stands in a text; 1 when it is not there. */
export function lineOf(text: string, pattern: RegExp): number {
  const index = text.split("\n").findIndex((line) => pattern.test(line));
  return index < 0 ? 1 : index + 1;
}

export function ruleRef(kind: RuleRef["kind"], name: string): RuleRef {
  if (kind === "default" || kind === "built-in") return { kind, name };
  return { kind, name, line: lineOf(fakePolicyText, new RegExp(`^${kind} ${name}\\b`)) };
}

export const fakeDigest = "5b1f0c9a7de34c58a2f6d10f3bb84e7796c1d2ab60e94c3f8d57a0b1c2e3f405";
