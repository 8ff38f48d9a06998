/** The composition root of the tray application: start, single instance, wiring, quit. Nothing may import it. */
import path from "node:path";
import { app, Menu, session, shell } from "electron";
import { agentProgram } from "../supervisor/index.ts";
import { createSettings, type Settings } from "../settings/index.ts";
import { hardenContents, hardenSession, registerPageScheme, servePages } from "../windows/index.ts";
import { type Desktop, openDesktop } from "./desktop.ts";
import { parseDeepLink, placeInArguments } from "./deep-link.ts";

const helpHosts = new Set(["portail.example", "help.portail.example"]);

app.enableSandbox();
registerPageScheme();

let desktop: Desktop | undefined;
let settings: Settings | undefined;

if (!app.requestSingleInstanceLock()) app.quit();
else {
  app.on("second-instance", (_event, argv) => desktop?.open(placeInArguments(argv)));
  app.on("open-url", (event, link) => {
    event.preventDefault();
    desktop?.open(parseDeepLink(link));
  });
  app.on("activate", () => desktop?.open());
  app.on("window-all-closed", quitUnlessKept);
  app.on("web-contents-created", (_event, contents) => {
    hardenContents(contents, { hosts: helpHosts, open: (address) => void shell.openExternal(address) });
  });
  app.on("before-quit", (event) => {
    if (desktop === undefined || desktop.isClosed()) return;
    event.preventDefault();
    void desktop.close().finally(() => app.quit());
  });
  void app.whenReady().then(start);
}

function start(): void {
  const root = app.getAppPath();
  const bundles = path.resolve(import.meta.dirname, "..");
  // Electron's own menu reloads the page and opens developer tools; on macOS it also holds copy and paste.
  if (process.platform !== "darwin") Menu.setApplicationMenu(null);
  hardenSession(session.defaultSession);
  servePages(session.defaultSession, path.join(bundles, "renderer"));
  settings = createSettings(path.join(app.getPath("userData"), "settings.json"));
  desktop = openDesktop({
    version: app.getVersion(),
    program: agentProgram({ packaged: app.isPackaged, resources: process.resourcesPath, app: root, platform: process.platform }),
    agentArgs: agentArguments(process.argv),
    preload: path.join(bundles, "preload", "index.cjs"),
    icons: app.isPackaged ? path.join(process.resourcesPath, "icons") : path.join(root, "resources", "icons"),
    logs: app.getPath("logs"),
    settings,
  });
  if (!process.argv.includes("--hidden")) desktop.open(placeInArguments(process.argv));
}

/** `--state-dir=D` and `--config=F` go on to the agent; everything else is the application's or Electron's own. */
function agentArguments(argv: readonly string[]): string[] {
  return argv.filter((word) => /^--(?:state-dir|config)=/.test(word));
}

/** A tray application lives on without a window; whoever does not want that leaves by closing it. */
function quitUnlessKept(): void {
  if (settings?.get().keepInTray === false) app.quit();
}
