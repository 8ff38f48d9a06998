import type { Action } from "../command.ts";

/** SECURITY: the link is printed and not handed to a program: a command line can be read by everybody on the machine. */
export const openConsole: Action = async (words, world) => {
  const agent = await world.connect();
  const link = await agent.call("console.open", {});
  if (words.has("json")) {
    world.printJson(link);
    return 0;
  }
  world.print(link.url);
  if (world.isTerminal && !words.has("no-open")) world.remark("Open it in your browser within a minute; it works once.");
  return 0;
};
