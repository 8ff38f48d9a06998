/** The rules that every engine gets, in the words of each. */

/** Realistic single conditions: a destination, a group and a device, a working day, a macro, a regular expression. */
export const conditions = [
  {
    name: "destination",
    portail: 'request.host == "git.corp.example" and request.port == 22',
    cel: 'request.host == "git.corp.example" && request.port == 22',
    cedar: 'context.request.host == "git.corp.example" && context.request.port == 22',
    casbin: 'r.request.host == "git.corp.example" && r.request.port == 22',
  },
  {
    name: "group and device",
    portail: '"eng" in user.groups and device.managed and device.trust >= 3',
    cel: '"eng" in user.groups && device.managed && device.trust >= 3',
    cedar: 'context.user.groups.contains("eng") && context.device.managed && context.device.trust >= 3',
    casbin: 'has(r.user.groups, "eng") && r.device.managed && r.device.trust >= 3',
  },
  {
    name: "web, not from abroad",
    portail: 'request.port in [80, 443] and not (geo.country in ["US", "CN"]) and risk.score < 80',
    cel: 'request.port in [80, 443] && !(geo.country in ["US", "CN"]) && risk.score < 80',
    cedar: '[80, 443].contains(context.request.port) && !(["US", "CN"].contains(context.geo.country)) && context.risk.score < 80',
    casbin: '(r.request.port == 80 || r.request.port == 443) && !(r.geo.country == "US" || r.geo.country == "CN") && r.risk.score < 80',
  },
  {
    name: "macro",
    portail: 'user.amr.exists(m, m in ["hwk", "pop"]) and device.trust >= 3',
    cel: 'user.amr.exists(m, m in ["hwk", "pop"]) && device.trust >= 3',
    cedar: 'context.user.amr.containsAny(["hwk", "pop"]) && context.device.trust >= 3',
    casbin: '(has(r.user.amr, "hwk") || has(r.user.amr, "pop")) && r.device.trust >= 3',
  },
  {
    name: "regular expression",
    portail: "client.exe =~ /\\/usr\\/(?:local\\/)?bin\\/[a-z0-9-]+/",
    cel: 'client.exe.matches("^/usr/(?:local/)?bin/[a-z0-9-]+$")',
    casbin: 'matches(r.client.exe, "^/usr/(?:local/)?bin/[a-z0-9-]+$")',
  },
];

/** The facts under which each condition holds. */
export const facts = {
  "request.host": "git.corp.example",
  "request.port": 22,
  "user.groups": ["staff", "eng"],
  "user.amr": ["pwd", "hwk"],
  "device.managed": true,
  "device.trust": 3,
  "geo.country": "FR",
  "risk.score": 10,
  "client.exe": "/usr/bin/ssh",
};

/** The third condition speaks about web ports. */
export const factsFor = (condition) => (condition.name.startsWith("web") ? { ...facts, "request.port": 443 } : facts);

/** `{ "a.b": 1 }` as `{ a: { b: 1 } }`, each number through `number`. */
export function nest(flat, number = (value) => value) {
  const tree = {};
  for (const [path, value] of Object.entries(flat)) {
    const [group, name] = path.split(".");
    tree[group] ??= {};
    tree[group][name] = typeof value === "number" ? number(value) : value;
  }
  return tree;
}

/** Rule `i` of many: one host, one port, one group. */
export const hostOf = (i) => `s${i}.corp.example`;
export const groupOf = (i) => `g${i % 50}`;

export const manyRules = {
  portail: (count) =>
    `portail policy 1\n${Array.from({ length: count }, (_, i) => `policy p${i} { when request.host == "${hostOf(i)}" and request.port == 443 and "${groupOf(i)}" in user.groups allow }`).join("\n")}\n`,
  cel: (i) => `request.host == "${hostOf(i)}" && request.port == 443 && "${groupOf(i)}" in user.groups`,
  cedar: (i) =>
    `permit(principal, action, resource) when { context.request.host == "${hostOf(i)}" && context.request.port == 443 && context.user.groups.contains("${groupOf(i)}") };`,
  casbin: (i) => [groupOf(i), hostOf(i), "443"],
};

/** Requests of which nine in ten are named by a rule, scattered but the same in every run. */
export const requests = Array.from({ length: 1000 }, (_, at) => {
  const rule = (at * 7919) % 10_000;
  return { "request.host": at % 10 === 9 ? "nowhere.example" : hostOf(rule), "request.port": 443, "user.groups": ["staff", groupOf(rule)] };
});
