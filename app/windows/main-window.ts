import { BrowserWindow } from "electron";
import { startPage } from "./page-files.ts";

export interface MainWindow {
  show(): void;
  isVisible(): boolean;
  send(channel: string, message: unknown): void;
  /** Let the next close really close. */
  release(): void;
}

export interface MainWindowOptions {
  readonly preload: string;
  readonly icon: string;
  /** Closing hides while this is true. */
  keepInTray(): boolean;
  /** It was really closed, and its page with it. */
  onGone(): void;
}

/** One window; made on first use, hidden on close while the tray keeps the application alive, made again after it was really closed. */
export function createMainWindow(options: MainWindowOptions): MainWindow {
  let window: BrowserWindow | undefined;
  let released = false;

  function make(): BrowserWindow {
    const made = new BrowserWindow({
      width: 1180,
      height: 760,
      minWidth: 420,
      minHeight: 480,
      show: false,
      title: "Portail",
      icon: options.icon,
      backgroundColor: "#f7f7f5",
      autoHideMenuBar: true,
      webPreferences: {
        preload: options.preload,
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        webviewTag: false,
        spellcheck: false,
      },
    });
    made.on("close", (event) => {
      if (released || !options.keepInTray()) return;
      event.preventDefault();
      made.hide();
    });
    made.on("closed", () => {
      window = undefined;
      options.onGone();
    });
    made.once("ready-to-show", () => made.show());
    void made.loadURL(startPage);
    return made;
  }

  return {
    show: () => {
      if (window === undefined) window = make();
      else {
        window.show();
        window.focus();
      }
    },
    isVisible: () => window?.isVisible() ?? false,
    send: (channel, message) => window?.webContents.send(channel, message),
    release: () => {
      released = true;
    },
  };
}
