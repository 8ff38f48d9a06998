import type { ConnectionView, Outcome, PolicyReport, PolicyRuleView, PolicyView, Problem, WhatIf } from "../../../agent/contract/index.ts";
import { fakeDigest, fakePolicySource, fakePolicyText, ruleRef } from "./fake-policy.ts";

const vocabulary = new Set(
  `request.host request.port client.exe user.sub user.groups user.amr user.email device.managed device.trust device.disk.encrypted
  device.patch_age geo.country risk.score time.weekday time.hour user.amr.exists decision.outcome decision.rule decision.say decision.failed`.split(
    /\s+/,
  ),
);
const attributePattern = /\b(?:request|client|user|device|geo|risk|time)(?:\.[a-z_]+)+/g;

/** Checks as much as the fake needs: attributes that do not exist, braces that do not close, and whether the tests still hold. */
export function fakeReport(text: string): PolicyReport {
  const problems = [...unknownAttributes(text), ...openBraces(text)];
  return {
    ok: problems.length === 0,
    digest: text === fakePolicyText ? fakeDigest : digestOf(text),
    rules: rulesOf(text).length,
    problems,
    tests: problems.length === 0 ? testsOf(text) : [],
  };
}

function unknownAttributes(text: string): Problem[] {
  return text.split("\n").flatMap((line, index) => {
    const code = line.replace(/#.*$/, "").replace(/"[^"]*"/g, (quoted) => " ".repeat(quoted.length));
    return [...code.matchAll(attributePattern)]
      .filter(([name]) => !vocabulary.has(name))
      .map((match): Problem => {
        const near = [...vocabulary].find((known) => known.startsWith(match[0].slice(0, -2)));
        return {
          file: fakePolicySource,
          line: index + 1,
          column: match.index + 1,
          endColumn: match.index + 1 + match[0].length,
          severity: "error",
          code: "E_UNKNOWN_ATTR",
          message: `unknown attribute '${match[0]}'`,
          ...(near === undefined ? {} : { hint: `did you mean '${near}'?` }),
          excerpt: `${line}\n${" ".repeat(match.index)}${"^".repeat(match[0].length)}`,
        };
      });
  });
}

function openBraces(text: string): Problem[] {
  const bare = text.replace(/#.*$/gm, "").replace(/"[^"\n]*"/g, "");
  const depth = bare.split("{").length - bare.split("}").length;
  if (depth <= 0) return [];
  const lines = text.split("\n");
  return [
    {
      file: fakePolicySource,
      line: lines.length,
      column: 1,
      severity: "error",
      code: "E_SYNTAX",
      message: "a block is not closed",
      hint: "add `}`",
    },
  ];
}

function rulesOf(text: string): { kind: "lifeline" | "guard" | "policy"; name: string; line: number; action: string }[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) => {
    const head = /^(lifeline|guard|policy) ([\w-]+)/.exec(line);
    if (head === null) return [];
    const body = lines.slice(index, lines.findIndex((later, at) => at > index && later.startsWith("}")) + 1).join("\n");
    const action = head[1] === "lifeline" ? "allow" : (/^\s+(allow|deny|redirect|challenge|step_up)\b/m.exec(body)?.[1] ?? "allow");
    return [{ kind: head[1] as "guard", name: head[2] ?? "", line: index + 1, action }];
  });
}

function testsOf(text: string): PolicyReport["tests"] {
  const strict = patchDays(text) < 3;
  const names = new Set(rulesOf(text).map((rule) => rule.name));
  return text.split("\n").flatMap((line, index) => {
    const head = /^test "([^"]+)".*expect (\w+) by ([\w-]+)/.exec(line);
    if (head === null) return [];
    const [, name = "", outcome = "", by = ""] = head;
    const failures: string[] = [];
    if (by !== "lifeline" && !names.has(by)) failures.push(`expected ${outcome} by ${by}, got deny by default deny`);
    if (strict && by === "git-push" && outcome === "allow")
      failures.push("expected allow by git-push, got deny by git-push (patched is not met)");
    return [{ name, line: index + 1, passed: failures.length === 0, failures }];
  });
}

const patchDays = (text: string) => Number(/device\.patch_age <= (\d+)d/.exec(text)?.[1] ?? "14");

function digestOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0").repeat(8);
}

/** Which of the recent connections a changed text would decide otherwise. */
export function fakeWhatIf(text: string, connections: readonly ConnectionView[], limit: number): WhatIf {
  const report = fakeReport(text);
  const examined = connections.slice(0, limit);
  const changes = report.ok ? examined.flatMap((connection) => changeOf(text, connection)) : [];
  return { report, examined: examined.length, changes };
}

function changeOf(text: string, connection: ConnectionView): WhatIf["changes"] {
  const before = connection.outcome;
  if (before === undefined || connection.rule === undefined) return [];
  const { name } = connection.rule;
  const rule = rulesOf(text).find((one) => one.name === name);
  let after: Outcome = before;
  if (connection.rule.line !== undefined && rule === undefined) after = before === "allow" ? "deny" : "allow";
  else if (rule?.action === "deny") after = "deny";
  else if (name === "git-push" && patchDays(text) < 3) after = "deny";
  else if (name === "git-push" && patchDays(text) >= 30) after = "allow";
  if (after === before) return [];
  return [
    {
      connection,
      before,
      after,
      rule: rule === undefined ? ruleRef("default", "default deny") : { kind: rule.kind, name, line: rule.line },
    },
  ];
}

export function fakePolicyView(loadedAt: number, connections: readonly ConnectionView[], refused: boolean): PolicyView {
  const rules = rulesOf(fakePolicyText).map(({ kind, name, action }): PolicyRuleView => {
    const hits = connections.filter((connection) => connection.rule?.name === name);
    const last = hits[0];
    return {
      rule: ruleRef(kind, name),
      action,
      hits: hits.length * 7,
      ...(last === undefined ? {} : { lastHitAt: last.startedAt }),
      lastConnections: hits.slice(0, 3).map((connection) => connection.id),
    };
  });
  const broken = fakePolicyText.replace("device.disk.encrypted    else", "device.disk.encrypt      else");
  return {
    source: fakePolicySource,
    text: fakePolicyText,
    digest: fakeDigest,
    loadedAt,
    rules,
    report: fakeReport(fakePolicyText),
    ...(refused ? { refused: fakeReport(broken) } : {}),
  };
}
