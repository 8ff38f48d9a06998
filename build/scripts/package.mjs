/**
 * Makes the packages of this system: `npm run package` (all), `npm run package -- dir` (the unpacked folder), `-- deb`. Where Electron's own
 * distribution is not installed, the stand-in takes its place so that everything else is real; the result says so and is no product.
 */
import fs from "node:fs";
import path from "node:path";
import { makeStandInDistribution } from "../installer/stand-in-distribution.mjs";
import { ensureBuilt, ensurePackages, root, run } from "./setup/project.mjs";

const [target, ...more] = process.argv.slice(2);
const targets = target === undefined ? [] : [target];
const system = { darwin: "--mac", win32: "--win" }[process.platform] ?? "--linux";

ensurePackages();
ensureBuilt();

const real = path.join(root, "node_modules/electron/dist");
const isReal = fs.existsSync(path.join(real, "version"));
const distribution = isReal ? real : path.join(root, "out/electron-stand-in");
if (!isReal && system !== "--linux") {
  console.error("package: Electron's distribution is not installed (npx install-electron)");
  process.exit(1);
}
if (!isReal) {
  console.log("package: Electron's distribution is not installed; THE STAND-IN takes its place, so this is a package for tests only");
  makeStandInDistribution(distribution);
}
const hasFpm = (process.env.PATH ?? "").split(path.delimiter).some((folder) => fs.existsSync(path.join(folder, "fpm")));
const env = { ...process.env, ...(hasFpm ? { USE_SYSTEM_FPM: "true" } : { CUSTOM_FPM_PATH: path.join(root, "build/installer/fpm.mjs") }) };
const words = [system, ...targets, `--config.electronDist=${distribution}`, "--publish=never", ...more];
run(path.join(root, "node_modules/.bin/electron-builder"), words, { env: { ...env, PATH: `${root}/node_modules/.bin:${env.PATH}` } });
