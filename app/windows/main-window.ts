import { BrowserWindow } from "electron";
import { startPage } from "./page-files.ts";

export interface MainWindow {
  show(): void;
  /** Bring it into sight and ask for attention. SECURITY: the keyboard stays where it is, so nothing typed elsewhere lands in a prompt. */
  raise(): void;
  isVisible(): boolean;
  /** The person looks at it: visible, and in front. */
  isFocused(): boolean;
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

  function make(appear: (made: BrowserWindow) => void): BrowserWindow {
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
    made.on("focus", () => made.flashFrame(false));
    made.once("ready-to-show", () => appear(made));
    void made.loadURL(startPage);
    return made;
  }

  return {
    show: () => {
      if (window === undefined) window = make((made) => made.show());
      else {
        window.show();
        window.focus();
      }
    },
    raise: () => {
      if (window === undefined) window = make(askForAttention);
      else if (!window.isFocused()) askForAttention(window);
    },
    isFocused: () => window?.isFocused() ?? false,
    isVisible: () => window?.isVisible() ?? false,
    send: (channel, message) => window?.webContents.send(channel, message),
    release: () => {
      released = true;
    },
  };
}

function askForAttention(window: BrowserWindow): void {
  window.showInactive();
  window.flashFrame(true);
}
