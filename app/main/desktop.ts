import { app, ipcMain, Notification, shell } from "electron";
import type { StateSnapshot } from "../../agent/contract/index.ts";
import { answerCall, type BridgeHandlers, type BridgeMessage, bridgeChannels, type Place } from "../bridge/index.ts";
import { createAgentClient } from "../client/index.ts";
import type { Settings } from "../settings/index.ts";
import { type AgentProgram, createSupervisor, type Supervisor } from "../supervisor/index.ts";
import { createTray, trayModel } from "../tray/index.ts";
import { createMainWindow, isOurPage } from "../windows/index.ts";
import { advance } from "./advance.ts";
import { createNotices } from "./notices.ts";

export interface DesktopOptions {
  readonly version: string;
  readonly program: AgentProgram;
  readonly agentArgs: readonly string[];
  readonly preload: string;
  readonly icons: string;
  readonly settings: Settings;
}

export interface Desktop {
  open(place?: Place): void;
  close(): Promise<void>;
  isClosed(): boolean;
}

/** Wires supervisor, client, tray and window: news flow agent -> client -> tray and window; acts flow back through the bridge. */
export function openDesktop(options: DesktopOptions): Desktop {
  let snapshot: StateSnapshot | undefined;
  let watching = false;
  let closed = false;

  const window = createMainWindow({
    preload: options.preload,
    icon: `${options.icons}/256x256.png`,
    keepInTray: () => options.settings.get().keepInTray,
  });
  const tell = (message: BridgeMessage) => {
    if (watching) window.send(bridgeChannels.message, message);
  };
  const notices = createNotices({
    show: (title, body) => {
      if (Notification.isSupported()) new Notification({ title, body }).show();
    },
    wanted: () => options.settings.get().notifications && !window.isVisible(),
  });
  const client = createAgentClient({
    client: `portail-desktop/${options.version}`,
    onSnapshot: (next) => {
      snapshot = next;
      tell({ kind: "snapshot", snapshot: next });
      draw();
    },
    onEvent: (event) => {
      if (snapshot !== undefined) snapshot = advance(snapshot, event);
      notices.hear(event);
      tell({ kind: "event", event });
      draw();
    },
    onLost: () => {
      snapshot = undefined;
      draw();
    },
  });
  const supervisor = createSupervisor({
    program: options.program,
    args: options.agentArgs,
    env: process.env,
    onState: (agent) => {
      if (agent.state !== "running") {
        client.detach();
        snapshot = undefined;
      }
      tell({ kind: "agent", agent });
      draw();
    },
    onReady: ({ report, secret }) => client.attach({ path: report.control.path, secret }),
  });
  const open = (place?: Place) => {
    window.show();
    if (place !== undefined) tell({ kind: "place", place });
  };
  const tray = createTray(options.icons, { open, restart: () => void supervisor.restart(), quit: () => app.quit() });
  const draw = () => tray.draw(trayModel({ agent: supervisor.state(), snapshot }));

  const handlers: BridgeHandlers = { agent: (call, input) => client.call(call, input), app: appCalls(options, supervisor) };
  listenToWindow(handlers, {
    watch: () => {
      watching = true;
      tell({ kind: "agent", agent: supervisor.state() });
      void client.refresh().catch(ignoreAbsentAgent);
    },
    unwatch: () => {
      watching = false;
    },
  });

  supervisor.start();
  return {
    open,
    isClosed: () => closed,
    close: async () => {
      window.release();
      client.close();
      await supervisor.stop();
      tray.destroy();
      closed = true;
    },
  };
}

/** What only the application can do for its window. */
function appCalls({ version, settings }: DesktopOptions, supervisor: Supervisor): BridgeHandlers["app"] {
  return {
    "app.about": () => ({ version, parts: partsOf(process.versions) }),
    "app.settings.get": () => settings.get(),
    "app.settings.set": (change) => settings.set(change),
    "app.quit": () => {
      app.quit();
      return {};
    },
    "agent.restart": async () => {
      await supervisor.restart();
      return {};
    },
    "agent.lastLog": () => ({ lines: [...supervisor.lastLog()] }),
    "window.openLogs": async () => {
      await shell.openPath(app.getPath("logs"));
      return {};
    },
  };
}

/** SECURITY: only the top frame of our own page is heard, and only what the table knows. */
function listenToWindow(handlers: BridgeHandlers, news: { watch(): void; unwatch(): void }): void {
  ipcMain.handle(bridgeChannels.ask, (event, call: unknown, input: unknown) =>
    isOurPage(event.senderFrame) ? answerCall(handlers, call, input) : { error: { code: "CONTROL_DENIED", detail: "untrusted sender" } },
  );
  ipcMain.on(bridgeChannels.watch, (event) => {
    if (isOurPage(event.senderFrame)) news.watch();
  });
  ipcMain.on(bridgeChannels.unwatch, (event) => {
    if (isOurPage(event.senderFrame)) news.unwatch();
  });
}

function partsOf(versions: NodeJS.ProcessVersions): { name: string; version: string }[] {
  return ["electron", "chrome", "node"].flatMap((name) => (versions[name] === undefined ? [] : [{ name, version: versions[name] }]));
}

/** The agent went away between the click and the question; its state is told separately. */
function ignoreAbsentAgent(): void {}
