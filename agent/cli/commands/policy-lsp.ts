import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { Action } from "../command.ts";

/** Ends with 1 when the editor went away without saying goodbye. */
export const servePolicyEditor: Action = async (_words, world) => {
  const { serveEditor } = await import("../../lsp/index.ts");
  const { systemFiles } = await import("../../config/index.ts");
  if (world.isTerminal) world.remark("An editor starts this; docs/policy/editors.md says how. Ctrl-D ends it.");
  const endedWell = await serveEditor({
    input: world.input,
    send: (frame) => world.write(frame),
    clock: world.clock,
    version: world.version,
    files: {
      hash: (content) => createHash("sha256").update(content).digest("hex"),
      readSet: (uri, reference) => {
        const path = pathOf(uri);
        return path === undefined ? undefined : systemFiles.readSet(path, reference);
      },
    },
  });
  return endedWell ? 0 : 1;
};

/** A text that was never saved has no path, and so no sets beside it. */
function pathOf(uri: string): string | undefined {
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}
