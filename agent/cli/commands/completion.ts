import type { Action } from "../command.ts";
import { commands } from "../commands.ts";
import { formatCompletion, type Shell } from "../completion.ts";

export const printCompletion: Action = async ({ operands: [shell] }, world) => {
  world.print(formatCompletion(shell as Shell, commands));
  return 0;
};
