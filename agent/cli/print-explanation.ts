import type { Explanation } from "../contract/index.ts";
import type { ExitCode } from "./command.ts";
import { paintOutcome } from "./connection-rows.ts";
import { printable, printableLines } from "./printable.ts";
import type { Words } from "./words.ts";
import type { World } from "./world.ts";

/** Print a decision's story; with `--expect` the exit code says whether it is the one that was expected. */
export function printExplanation(explanation: Explanation, words: Words, world: World): ExitCode {
  if (words.has("json")) world.printJson(explanation);
  else world.print(printableLines(explanation.text.trimEnd()));
  const expected = words.value("expect");
  if (expected === undefined || expected === explanation.outcome) return 0;
  const found = paintOutcome(world.paint, explanation.outcome, explanation.outcome);
  if (!words.has("json")) world.remark(`Expected ${expected}, but the decision is ${printable(found)}.`);
  return 1;
}
