/** Brings the checkout into a state where everything else can run: packages as locked, then a build when the sources changed. */
import { spawnSync } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";

export const root = path.resolve(import.meta.dirname, "../../..");
export const node = path.join(root, "node_modules/.bin", process.platform === "win32" ? "node.cmd" : "node");

/** The environment in which project programs run: the pinned Node first, nothing that changes what it loads. */
export function projectEnv() {
  const { NODE_OPTIONS: _options, NODE_EXTRA_CA_CERTS: _ca, OPENSSL_CONF: _conf, ...rest } = process.env;
  return { ...rest, PATH: `${path.join(root, "node_modules/.bin")}${path.delimiter}${process.env.PATH ?? ""}` };
}

/**
 * The environment of npm itself: as the person has it (proxies, authorities), and not on the runtime that it is about to replace.
 */
function outerEnv() {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => !folder.includes(`node_modules${path.sep}`));
  return { ...process.env, PATH: folders.join(path.delimiter) };
}

/** Run to the end with output shown; exits with the same code when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit", env: projectEnv(), ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
}

const digestOf = (file) => (fs.existsSync(file) ? crypto.createHash("sha256").update(fs.readFileSync(file)).digest("hex") : "");

/** `npm ci` when node_modules does not match the lock file. */
export function ensurePackages() {
  const stamp = path.join(root, "node_modules/.portail-lock");
  const wanted = digestOf(path.join(root, "package-lock.json"));
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === wanted) return;
  if (isInstalled()) {
    fs.writeFileSync(stamp, wanted);
    return;
  }
  console.log("set-up: installing packages (npm ci), about half a minute");
  run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], { env: outerEnv() });
  fs.writeFileSync(stamp, wanted);
}

/** npm records what it installed; equal to the lock file's packages means that somebody ran `npm ci` by hand. */
function isInstalled() {
  const hidden = path.join(root, "node_modules/.package-lock.json");
  if (!fs.existsSync(hidden)) return false;
  const have = JSON.parse(fs.readFileSync(hidden, "utf8")).packages;
  const want = JSON.parse(fs.readFileSync(path.join(root, "package-lock.json"), "utf8")).packages;
  return Object.entries(want).every(([name, { version, optional }]) => name === "" || optional || have[name]?.version === version);
}

function newest(folder) {
  let latest = 0;
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) latest = Math.max(latest, fs.statSync(path.join(entry.parentPath ?? entry.path, entry.name)).mtimeMs);
  }
  return latest;
}

/** Build unless `out/` is newer than every source. */
export function ensureBuilt() {
  const stamp = path.join(root, "out/.built");
  const sources = Math.max(...["agent", "app", "renderer", "resources", "build/scripts"].map((house) => newest(path.join(root, house))));
  if (fs.existsSync(stamp) && fs.statSync(stamp).mtimeMs >= sources) return;
  console.log("set-up: building");
  run(node, ["build/scripts/build.mjs"]);
}
