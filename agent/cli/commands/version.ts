import type { Action } from "../command.ts";

export const showVersion: Action = async (words, world) => {
  const runtime = `node ${process.versions.node}`;
  if (words.has("json")) world.printJson({ version: world.version, runtime, platform: `${process.platform}-${process.arch}` });
  else world.print(`portail ${world.version} (${runtime}, ${process.platform}-${process.arch})`);
  return 0;
};
