import type { Fact } from "../../connection/index.ts";
import type { Policy } from "../../policy/index.ts";
import { decideIn } from "../contexts/explorer.ts";
import { type ExampleFact, exampleFact } from "./describe-request.ts";
import { changeBetween } from "./verdict-change.ts";

interface Both {
  readonly before: Policy;
  readonly after: Policy;
}

/** The facts of an example without which the two decisions would be others: what does not matter is left out. */
export function simplify(example: ReadonlyMap<string, Fact>, both: Both): readonly ExampleFact[] {
  const context = new Map(example);
  const wanted = signatureOf(context, both);
  for (const [attribute, fact] of example) {
    context.delete(attribute);
    if (attribute === "request.host" || attribute === "request.port" || signatureOf(context, both) !== wanted) context.set(attribute, fact);
  }
  const facts = [...context].toSorted(([one], [other]) => rank(one) - rank(other) || (one < other ? -1 : 1));
  return facts.map(([attribute, fact]) => exampleFact(attribute, fact, both.after.attributes.has(attribute) ? both.after : both.before));
}

function signatureOf(context: ReadonlyMap<string, Fact>, { before, after }: Both): string {
  const [old, young] = [decideIn(before, context), decideIn(after, context)];
  return JSON.stringify([changeBetween(old, young), old.outcome, old.rule.name, young.outcome, young.rule.name]);
}

function rank(attribute: string): number {
  return ["request.host", "request.port"].indexOf(attribute) >>> 0;
}
