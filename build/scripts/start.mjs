/**
 * The main job, from a fresh clone: sets everything up, then opens the tray application where Electron and a display exist. Elsewhere
 * it says so in one line, runs the agent in the foreground and prints the link of the console. Ctrl-C stops it with a drain.
 */
import { spawn } from "node:child_process";
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
else await startAgent(why);

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
  console.log("Opening the tray application. Quit in its menu, or Ctrl-C here, stops it and its agent.");
  const electron = path.join(root, "node_modules/.bin/electron");
  stayWith(spawn(electron, [root, ...args], { stdio: "inherit", env: projectEnv(), detached: true }));
}

async function startAgent(reason) {
  console.log(`No tray application here (${reason}); running the agent alone.`);
  stayWith(spawn(portail, ["run", ...args], { stdio: ["ignore", "inherit", "inherit"], detached: true }));
  const where = stateDirOf(args);
  const status = await ask(["status", "--wait", "30", ...where]);
  const link = await ask(["console", "--no-open", ...where]);
  process.stdout.write(status);
  process.stdout.write(
    `\nTry it:   curl -x socks5h://127.0.0.1:1080 http://example.com/\nScreens:  ${link.trim()}\nStop:     Ctrl-C, or ${path.relative(process.cwd(), portail)} stop\n`,
  );
}

/** What the command says; when it cannot, it has said why, and the agent's own end ends everything here. */
function ask(words) {
  return new Promise((resolve) => {
    const asking = spawn(portail, words, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    asking.stdout.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    asking.on("close", (code) => code === 0 && resolve(text));
  });
}

/** The state directory decides where the agent listens for commands, so both must get the same one. */
function stateDirOf(words) {
  const at = words.indexOf("--state-dir");
  return at >= 0 ? words.slice(at, at + 2) : words.filter((word) => word.startsWith("--state-dir="));
}

/**
 * Live as long as the child. It is in a process group of its own and told to stop once: a terminal tells the whole group, and npm
 * tells it again, and being told twice means to stop without a drain.
 */
function stayWith(child) {
  let told = false;
  const stop = () => {
    if (!told) child.kill("SIGTERM");
    told = true;
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
  // npm that is killed takes its shell along and passes nothing on; then nobody is left who could stop what runs here.
  const { ppid } = process;
  if (process.env.npm_lifecycle_event !== undefined) setInterval(() => process.ppid === ppid || stop(), 500).unref();
  child.on("error", (cause) => console.error(cause.message));
  child.on("close", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}
