import type { Action } from "../command.ts";

export const printConfigSchema: Action = async (_, world) => {
  const { configJsonSchema } = await import("../../config/index.ts");
  world.print(JSON.stringify(configJsonSchema(), null, 2));
  return 0;
};
