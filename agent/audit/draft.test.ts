import { expect, test } from "vitest";
import type { End } from "../connection/index.ts";
import { canonicalJson } from "./chain.ts";
import { endDraft, eventDraft, interruptedDraft, verdictDraft } from "./draft.ts";
import { sampleRequest, sampleVerdict } from "./rig.suite.ts";

const rich = sampleVerdict({
  outcome: "deny",
  say: "words for the person",
  help: "https://help.corp.example",
  failed: [{ label: "encrypted", line: 14, state: "false", effect: "deny", say: "no" }],
  unknown: [{ why: "expired", attribute: "user.amr", source: "oidc" }],
  stale: ["device.managed"],
  assumed: ["risk.score"],
  backends: ["paris"],
  breakGlass: "bg-1",
  redirect: "https://new.corp.example/secret",
});
const request = sampleRequest({
  method: "GET",
  path: "/private/path",
  sni: "git.corp.example",
  headers: new Map([["authorization", "Bearer hunter2"]]),
});
const ends: End[] = [
  { kind: "served", up: 1, down: 2 },
  { kind: "cut", code: "CARRY_IDLE", up: 3, down: 4, detail: "silent" },
  { kind: "refused", code: "POLICY_DENIED" },
  { kind: "failed", code: "INTERNAL", cause: new Error("inner cause") },
];

test("a draft is written in canonical order, so that plain JSON is the canonical text", () => {
  const drafts = (["none", "summary", "full"] as const).flatMap((log) => {
    const verdict = { ...rich, log };
    return [
      verdictDraft(request, verdict, { incident: "7F3K" }, 5),
      verdictDraft(request, { ...verdict, rule: { name: "x", kind: "default" } }, {}, 5),
      ...ends.map((end) => endDraft(request, end, { verdict, incident: "7F3K", backend: "paris", address: "10.0.0.1:443" }, 9)),
    ];
  });
  drafts.push(eventDraft({ name: "policy_activated", detail: { z: 1, after: "b", before: "a" } }, 7));
  drafts.push(
    interruptedDraft({ seq: 1, time: 1, kind: "verdict", connection: "c", host: "h", port: 1, program: "p", user: "u", body: {} }, 7),
  );
  for (const draft of drafts) expect(JSON.stringify(draft)).toBe(canonicalJson(draft));
});

test("headers, payload and causes are never written", () => {
  const full = { ...rich, log: "full" } as const;
  const text = JSON.stringify([verdictDraft(request, full, {}, 5), ...ends.map((end) => endDraft(request, end, { verdict: full }, 9))]);
  expect(text).not.toContain("hunter2");
  expect(text).not.toContain("inner cause");
});

test("the path and the words are written only when the policy asks for the full log", () => {
  const summary = JSON.stringify(verdictDraft(request, { ...rich, log: "summary" }, {}, 5));
  const full = JSON.stringify(verdictDraft(request, { ...rich, log: "full" }, {}, 5));
  for (const word of ["/private/path", "words for the person", "help.corp"]) {
    expect(summary).not.toContain(word);
    expect(full).toContain(word);
  }
});

test("with the log off, who and where are not written, but that there was a decision is", () => {
  const none = { ...rich, log: "none" } as const;
  const verdict = verdictDraft(request, none, { incident: "7F3K" }, 5);
  expect(verdict).toMatchObject({ connection: request.id, outcome: "deny", rule: { name: "web" }, body: { log: "none" } });
  const context = { verdict: none, address: "10.0.0.1:443", backend: "paris" };
  const text = JSON.stringify([verdict, endDraft(request, { kind: "served", up: 10, down: 20 }, context, 9)]);
  for (const word of ["git.corp", "curl", "ada", "paris", "10.0.0.1"]) expect(text).not.toContain(word);
});

test("an end tells bytes, duration and why", () => {
  const draft = endDraft(request, { kind: "cut", code: "CARRY_IDLE", up: 3, down: 4 }, {}, request.receivedAt + 1500);
  expect(draft.body).toMatchObject({ up: 3, down: 4, durationMs: 1500, end: "CARRY_IDLE" });
});

test("a peer found out after the request was understood is the one that is written", () => {
  const draft = verdictDraft(sampleRequest(), sampleVerdict(), { peer: { uid: 7, user: "eve", exe: "/bin/nc", pid: 9 } }, 5);
  expect(draft).toMatchObject({ program: "/bin/nc", user: "eve", body: { uid: 7, pid: 9 } });
});
