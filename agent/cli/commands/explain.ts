import type { Action } from "../command.ts";
import { printExplanation } from "../print-explanation.ts";
import { readRequestWords } from "../request-words.ts";
import { UsageMistake } from "../usage-mistake.ts";

export const explainRequest: Action = async (words, world) => {
  const [id] = words.operands;
  if (id !== undefined && ["host", "port", "protocol", "set"].some((flag) => words.has(flag))) {
    throw new UsageMistake("give an id, or describe a request by flags; not both");
  }
  if (id === undefined && !words.has("host")) throw new UsageMistake("give the id of a connection or incident, or --host and --port");
  const request = id === undefined ? readRequestWords(words) : undefined;
  const agent = await world.connect();
  const explanation =
    request === undefined ? await agent.call("connections.explain", { id: id ?? "" }) : await agent.call("explain", request);
  return printExplanation(explanation, words, world);
};
