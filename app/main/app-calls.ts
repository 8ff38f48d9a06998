import path from "node:path";
import { app, shell } from "electron";
import type { BridgeHandlers } from "../bridge/index.ts";
import { setAutostart, type Settings } from "../settings/index.ts";
import type { AgentLink } from "./agent-link.ts";

export interface AppCallsOptions {
  readonly version: string;
  readonly settings: Settings;
  readonly agent: Pick<AgentLink, "restart" | "lastLog">;
}

/** What only the application can do for its window. */
export function createAppCalls({ version, settings, agent }: AppCallsOptions): BridgeHandlers["app"] {
  return {
    "app.about": () => ({ version, parts: partsOf(process.versions) }),
    "app.settings.get": () => settings.get(),
    "app.settings.set": (change) => {
      if (change.launchAtLogin !== undefined) launchAtLogin(change.launchAtLogin);
      return settings.set(change);
    },
    "app.quit": () => {
      app.quit();
      return {};
    },
    "agent.restart": async () => {
      await agent.restart();
      return {};
    },
    "agent.lastLog": () => ({ lines: [...agent.lastLog()] }),
    "window.openLogs": async () => {
      const failure = await shell.openPath(app.getPath("logs"));
      if (failure !== "") throw new Error(failure);
      return {};
    },
  };
}

function launchAtLogin(wanted: boolean): void {
  if (process.platform === "linux") setAutostart(path.join(app.getPath("appData"), "autostart"), wanted ? ownCommand() : undefined);
  else app.setLoginItemSettings({ openAtLogin: wanted, args: ["--hidden"] });
}

/** How a person's session starts this very application: an AppImage by its own file, since what it is mounted at changes. */
function ownCommand(): string[] {
  if (!app.isPackaged) return [process.execPath, app.getAppPath(), "--hidden"];
  return [process.env["APPIMAGE"] ?? process.execPath, "--hidden"];
}

function partsOf(versions: NodeJS.ProcessVersions): { name: string; version: string }[] {
  return ["electron", "chrome", "node"].flatMap((name) => (versions[name] === undefined ? [] : [{ name, version: versions[name] }]));
}
