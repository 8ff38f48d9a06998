/** Takes the place of Electron's own start: reads the command line, hooks `electron`, runs the application's main bundle. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import inspector from "node:inspector";
import { createRequire, registerHooks } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const typesVersion = "45.4.1";
const [executable = "", ...words] = process.argv.slice(2);
process.argv = [executable, ...words];

const target = pathToFileURL(path.join(import.meta.dirname, "electron.ts")).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "electron" || specifier === "electron/main" ? { url: target, shortCircuit: true } : next(specifier, context),
});

let chromeVersion: string | undefined;
const readChromeVersion = () => {
  const told = spawnSync(process.env["PORTAIL_CHROMIUM"] ?? "chromium", ["--version", "--no-sandbox"], { encoding: "utf8" }).stdout;
  return /[\d.]+/.exec(told)?.[0] ?? "0";
};
const versions = Object.defineProperties(
  { ...process.versions },
  {
    electron: { value: typesVersion, enumerable: true },
    electronStandIn: { value: "1", enumerable: true },
    chrome: { get: () => (chromeVersion ??= readChromeVersion()), enumerable: true },
  },
);
Object.defineProperty(process, "versions", { value: versions });
Object.defineProperty(process, "type", { value: "browser" });
Object.defineProperty(process, "resourcesPath", { value: path.join(path.dirname(executable), "resources") });
Object.defineProperty(process, "defaultApp", { value: true });

const inspect = words.find((word) => word === "--inspect" || word.startsWith("--inspect="));
if (inspect !== undefined) inspector.open(Number(inspect.split("=")[1] ?? 9229), "127.0.0.1", false);

const { app, becomeReady, describeApp } = await import("./app.ts");
const { browser } = await import("./browser.ts");
const { launchChromium } = await import("./cdp.ts");
const { watchTargets } = await import("./targets.ts");
const { note } = await import("./strict.ts");

const { folder, requires } = readWords();
const require = createRequire(path.join(process.cwd(), "noop.js"));
for (const one of requires) require(path.resolve(one));
const root = path.resolve(folder);
const about = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")) as {
  name: string;
  productName?: string;
  version: string;
  main: string;
};
describeApp({ path: root, name: about.productName ?? about.name, version: about.version });

process.on("uncaughtException", (cause) => {
  note(`uncaught in main: ${cause.stack ?? String(cause)}`);
  app.exit(1);
});
await import(pathToFileURL(path.join(root, about.main)).href);
// `app.quit()` in the entry, as for a second instance, wins over starting a browser.
setImmediate(() => setImmediate(() => void start()));

async function start(): Promise<void> {
  const profile = path.join(app.getPath("sessionData"), "stand-in-profile");
  fs.mkdirSync(profile, { recursive: true });
  const switches = new Map([...browser.switches].filter(([name]) => name !== "user-data-dir" && name !== "state-dir" && name !== "config"));
  const running = await launchChromium(profile, switches);
  browser.chromium = running;
  process.on("exit", () => running.process.kill("SIGKILL"));
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => app.quit());
  running.process.once("exit", () => app.exit(1));
  await watchTargets(running.cdp);
  note(`types of electron ${typesVersion}, ${running.version}, node ${process.versions.node}`);
  becomeReady();
}

/** `-r module`, switches, then the application's folder; what follows is the application's own. */
function readWords(): { readonly folder: string; readonly requires: readonly string[] } {
  const found: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const [, name, value = ""] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (word === "-r" || word === "--require") found.push(words[++at] ?? "");
    else if (name !== undefined) {
      if (name !== "inspect" && name !== "remote-debugging-port") browser.switches.set(name, value);
    } else if (!word.startsWith("-")) return { folder: word, requires: found };
  }
  process.stderr.write("usage: electron [options] <application folder>\n");
  process.exit(2);
}
