/**
 * The main job, from a fresh clone: sets everything up, then opens the tray application where Electron and a display exist. Elsewhere
 * it says so in one line, runs the agent in the foreground and prints the link of the console. Ctrl-C stops it with a drain.
 */
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { ensureSystemPackages } from "./setup/install-system.mjs";
import { ensureBuilt, ensurePackages, projectEnv, root } from "./setup/project.mjs";

ensureSystemPackages(["run"], { required: true });
ensurePackages();
ensureBuilt();

const portail = path.join(root, "out/portail");
const args = process.argv.slice(2);
const why = whyNoDesktop();
if (why === undefined) startDesktop();
else startAgent(why);

/** What keeps the tray application from running here; `undefined` when nothing does. */
function whyNoDesktop() {
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? path.join(root, "node_modules/electron/dist");
  const program = { darwin: "Electron.app/Contents/MacOS/Electron", win32: "electron.exe" }[process.platform] ?? "electron";
  if (!fs.existsSync(path.join(root, "out/main/index.js"))) return "the tray application is not built";
  if (!fs.existsSync(path.join(folder, program))) return "Electron's binary is not installed";
  if (process.platform === "linux" && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return "there is no display";
  return undefined;
}

function startDesktop() {
  const child = spawn(path.join(root, "node_modules/.bin/electron"), [root, ...args], { stdio: "inherit", env: projectEnv() });
  passSignals(child);
}

function startAgent(reason) {
  console.log(`No tray application here (${reason}); running the agent alone.`);
  const child = spawn(portail, ["run", ...args], { stdio: ["ignore", "inherit", "inherit"] });
  passSignals(child);
  const where = stateDirOf(args);
  const status = spawnSync(portail, ["status", "--wait", "30", ...where], { encoding: "utf8" });
  if (status.status !== 0) return;
  const link = spawnSync(portail, ["console", "--no-open", ...where], { encoding: "utf8" });
  process.stdout.write(status.stdout);
  process.stdout.write(
    `\nTry it:   curl -x socks5h://127.0.0.1:1080 http://example.com/\nScreens:  ${link.stdout.trim()}\nStop:     Ctrl-C, or ${path.relative(process.cwd(), portail)} stop\n`,
  );
}

/** The state directory decides where the agent listens for commands, so both must get the same one. */
function stateDirOf(words) {
  const at = words.indexOf("--state-dir");
  return at >= 0 ? words.slice(at, at + 2) : words.filter((word) => word.startsWith("--state-dir="));
}

function passSignals(child) {
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}
