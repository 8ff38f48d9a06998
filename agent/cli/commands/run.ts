import { resolve } from "node:path";
import type { Action } from "../command.ts";

/** The agent's own exit code is 0 after a drain; everything else it reports itself. */
export const runCommand: Action = async (words, world) => {
  const config = words.value("config");
  const stateDir = words.value("state-dir");
  const code = await world.runAgent({
    configPath: config === undefined ? undefined : resolve(world.cwd, config),
    stateDir: stateDir === undefined ? undefined : resolve(world.cwd, stateDir),
    supervised: words.has("supervised"),
  });
  return code === 0 || code === 2 || code === 3 ? code : 1;
};
