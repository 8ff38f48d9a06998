import path from "node:path";
import { app } from "electron";
import { type BridgeMessage, bridgeChannels, type Place } from "../bridge/index.ts";
import type { Settings } from "../settings/index.ts";
import { type AgentProgram, createLogFile } from "../supervisor/index.ts";
import { createTray, trayModel } from "../tray/index.ts";
import { createMainWindow } from "../windows/index.ts";
import { createAgentLink } from "./agent-link.ts";
import { createAppCalls } from "./app-calls.ts";
import { createNotices } from "./notices.ts";
import { showNotice } from "./show-notice.ts";
import { listenToWindow } from "./window-ears.ts";

export interface DesktopOptions {
  readonly version: string;
  readonly program: AgentProgram;
  readonly agentArgs: readonly string[];
  readonly preload: string;
  readonly icons: string;
  readonly logs: string;
  readonly settings: Settings;
}

export interface Desktop {
  /** Show the window, at a place of it if one is named. */
  open(place?: Place): void;
  /** Resolves when no agent is left and nothing keeps a window open. Asking again changes nothing. */
  close(): Promise<void>;
  isClosed(): boolean;
}

/** Wires agent, tray and window: news flow from the agent to tray and window, acts flow back through the bridge. */
export function openDesktop({ version, program, agentArgs, preload, icons, logs, settings }: DesktopOptions): Desktop {
  const ears = createPageNews((message) => window.send(bridgeChannels.message, message));
  const window = createMainWindow({
    preload,
    icon: path.join(icons, "256x256.png"),
    keepInTray: () => settings.get().keepInTray,
    onGone: ears.stop,
  });
  const open = (place?: Place) => {
    window.show();
    if (place !== undefined) ears.lead(place);
  };
  const notices = createNotices({
    show: (notice) => showNotice(notice, open),
    wanted: () => settings.get().notifications && !window.isVisible(),
    wantsQuestions: () => settings.get().notifications && !window.isFocused(),
    raise: () => window.raise(),
    now: Date.now,
  });
  const log = createLogFile(path.join(logs, "agent.log"));
  const agent = createAgentLink({
    version,
    program,
    args: agentArgs,
    env: process.env,
    onLog: log.add,
    onMessage: ears.tell,
    onSnapshot: notices.see,
    onEvent: notices.hear,
    onChange: () => tray.draw(trayModel({ agent: agent.process(), snapshot: agent.snapshot() })),
  });
  const tray = createTray(icons, { open, restart: () => void agent.restart(), quit: () => app.quit() });
  listenToWindow({
    handlers: { agent: agent.call, app: createAppCalls({ version, settings, agent }) },
    watch: () => ears.start(agent.tellAll),
    unwatch: ears.stop,
  });
  agent.start();

  let closed = false;
  let closing: Promise<void> | undefined;
  const close = async () => {
    window.release();
    await agent.stop().finally(() => {
      closed = true;
    });
    tray.destroy();
  };
  return { open, close: () => (closing ??= close()), isClosed: () => closed };
}

interface PageNews {
  /** The page listens: tell it everything, then where it should go. */
  start(tellAll: () => void): void;
  stop(): void;
  tell(message: BridgeMessage): void;
  /** A page that is still loading is led there as soon as it listens. */
  lead(place: Place): void;
}

/** What is sent to the page, and only while it listens. */
function createPageNews(send: (message: BridgeMessage) => void): PageNews {
  let listens = false;
  let next: Place | undefined;
  const tell = (message: BridgeMessage) => {
    if (listens) send(message);
  };
  const lead = (place: Place) => {
    if (listens) send({ kind: "place", place });
    else next = place;
  };
  return {
    tell,
    lead,
    stop: () => {
      listens = false;
    },
    start: (tellAll) => {
      listens = true;
      tellAll();
      const place = next;
      next = undefined;
      if (place !== undefined) lead(place);
    },
  };
}
