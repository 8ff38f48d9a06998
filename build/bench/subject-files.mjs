/** Files that subjects are started with. */
import fs from "node:fs";
import path from "node:path";
import { root } from "../scripts/setup/project.mjs";

export function written(folder, name, text) {
  const file = path.join(folder, name);
  fs.writeFileSync(file, text);
  return file;
}

/** The words that start Portail as built, its state in `folder`. */
export function portail(folder, config) {
  const file = written(folder, "portail.yaml", config);
  return [path.join(root, "out/portail"), "run", "--config", file, "--state-dir", path.join(folder, "state")];
}
