import type { Verdict } from "../../connection/index.ts";
import { type Audience, audiences, givenFacts, type Judged, type Policy, reveal } from "../../policy/index.ts";
import { decideIn, explore } from "../contexts/explorer.ts";
import { worldOf } from "../contexts/world.ts";

/** Whether some context is found that a test could tell two policies apart by. */
export function findDifference(one: Policy, other: Policy, contexts: number): boolean {
  let isFound = false;
  const addressed = audiences.filter((audience) => [one, other].some(({ program }) => program.reveals.some(({ to }) => to === audience)));
  const exploration = { world: worldOf([one, other]), policies: [one, other], limit: contexts, isDone: () => isFound };
  explore(exploration, (context) => {
    const [before, after] = [decideIn(one, context), decideIn(other, context)];
    const facts = givenFacts(context);
    isFound ||=
      signatureOf(before) !== signatureOf(after) ||
      addressed.some(
        (audience) => shownTo(audience, one, { facts, verdict: before }) !== shownTo(audience, other, { facts, verdict: after }),
      );
  });
  return isFound;
}

/** What an `expect` can see. */
function signatureOf({ outcome, rule, failed, unknown, backends }: Verdict): string {
  const missing = unknown.map(({ attribute }) => attribute).toSorted();
  return [outcome, rule.kind, rule.name, ...failed.map(({ label }) => label), "", ...missing, "", ...backends].join("\n");
}

/** What a `reveals` or `hides` can see. */
function shownTo(audience: Audience, policy: Policy, judged: Judged): string {
  const { shown } = reveal(policy, judged, audience, { incident: "TEST", hmac: (value) => value });
  return [...shown.keys()].toSorted().join(" ");
}
