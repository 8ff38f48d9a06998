import type { Action } from "../command.ts";
import { printableLines } from "../printable.ts";

export const showConfig: Action = async (words, world) => {
  const agent = await world.connect();
  const { path, text } = await agent.call("config.get", {});
  if (words.has("json")) world.printJson({ path, text });
  else if (path === undefined && text === "") world.remark("The built-in default is in force; there is no file.");
  else world.print(printableLines(text.trimEnd()));
  return 0;
};
