import type { Passage } from "../connection/index.ts";
import type { PolicyReport, PolicyView, WhatIf } from "../contract/index.ts";
import { decide, loadPolicy, type Policy, runTests } from "../policy/index.ts";
import type { CallRooms } from "./handlers.ts";

/** Check a text and run the tests it carries; nothing of it comes into force. */
export function checkText(rooms: Pick<CallRooms, "hash" | "readSet">, text: string, file: string): PolicyReport {
  const { policy, problems } = loadPolicy(text, { file, hash: rooms.hash, readSet: rooms.readSet });
  const tests = policy === undefined ? [] : runTests(policy);
  return {
    ok: policy !== undefined && tests.every(({ passed }) => passed),
    digest: rooms.hash(text),
    rules: policy?.rules.length ?? 0,
    problems: [...problems],
    tests,
  };
}

/** The policy in force as the screens show it: its text, how often each rule decided, how its tests went. */
export function viewPolicy(rooms: CallRooms): PolicyView {
  const { current, source, loadedAt, refused } = rooms.policy();
  return {
    source,
    text: current.text,
    digest: current.digest,
    loadedAt,
    rules: current.rules.map(({ rule, action }) => {
      const { hits, lastHitAt, lastConnections } = rooms.live.hits(current.digest, rule);
      return { rule, action, hits, ...(lastHitAt === undefined ? {} : { lastHitAt }), lastConnections: [...lastConnections] };
    }),
    report: checkText(rooms, current.text, current.file),
    ...(refused === undefined ? {} : { refused }),
  };
}

/** Judge remembered connections by another text, on the facts by which they were judged; report those whose outcome would change. */
export function whatIf(rooms: CallRooms, text: string, limit: number): WhatIf {
  const report = checkText(rooms, text, "policy.portail");
  const { policy } = loadPolicy(text, { file: "policy.portail", hash: rooms.hash, readSet: rooms.readSet });
  if (policy === undefined) return { report, examined: 0, changes: [] };
  let examined = 0;
  const changes: WhatIf["changes"] = [];
  for (const passage of remembered(rooms)) {
    if (examined === limit) break;
    const change = judgeOtherwise(rooms, policy, passage);
    if (change === undefined) continue;
    examined += 1;
    if (change.before !== change.after) changes.push(change);
  }
  return { report, examined, changes };
}

function* remembered({ live }: CallRooms): Iterable<Passage> {
  yield* live.living();
  yield* live.recent();
}

function judgeOtherwise(rooms: CallRooms, policy: Policy, passage: Passage): WhatIf["changes"][number] | undefined {
  const judged = rooms.memory.find(passage.request);
  if (judged === undefined || passage.verdict === undefined) return undefined;
  const { verdict } = decide(policy, judged.facts);
  return { connection: rooms.live.view(passage), before: passage.verdict.outcome, after: verdict.outcome, rule: verdict.rule };
}
