import { EventEmitter } from "node:events";
import { app, openWindows } from "./app.ts";
import { browser, chromium } from "./browser.ts";
import { eventOf, strict } from "./strict.ts";
import { WebContents } from "./web-contents.ts";

interface WindowOptions {
  readonly width?: number;
  readonly height?: number;
  readonly show?: boolean;
  readonly webPreferences?: Readonly<Record<string, unknown>> & { readonly preload?: string };
}

/** What the product must never set, and must never leave out. */
function assertSecure(preferences: Readonly<Record<string, unknown>>): void {
  const isLoose =
    preferences["contextIsolation"] === false ||
    preferences["sandbox"] === false ||
    preferences["webSecurity"] === false ||
    [
      "nodeIntegration",
      "nodeIntegrationInWorker",
      "nodeIntegrationInSubFrames",
      "allowRunningInsecureContent",
      "webviewTag",
      "experimentalFeatures",
      "enableBlinkFeatures",
    ].some((name) => preferences[name] === true);
  if (isLoose) throw new Error(`electron stand-in: insecure webPreferences ${JSON.stringify(preferences)}`);
}

const windows = new Set<BrowserWindow>();

export class BrowserWindow extends EventEmitter {
  readonly id: number;
  readonly webContents: WebContents;
  private visible: boolean;
  private focused = false;
  private dead = false;
  private hasPainted = false;

  constructor(options: WindowOptions = {}) {
    super();
    if (browser.phase === "starting") throw new Error("Cannot create BrowserWindow before app is ready");
    const preferences = options.webPreferences ?? {};
    assertSecure(preferences);
    this.visible = options.show !== false;
    this.webContents = new WebContents({
      preload: preferences.preload,
      size: { width: options.width ?? 800, height: options.height ?? 600 },
      owner: { painted: () => this.painted(), gone: () => this.gone() },
    });
    this.id = this.webContents.id;
    const self = strict("BrowserWindow", this as BrowserWindow);
    windows.add(self);
    openWindows.add(self);
    // oxlint-disable-next-line no-constructor-return -- everybody must see the strict face
    return self;
  }

  static getAllWindows(): BrowserWindow[] {
    return [...windows];
  }
  static fromWebContents(contents: { readonly id: number }): BrowserWindow | null {
    return [...windows].find((window) => window.id === contents.id) ?? null;
  }

  loadURL(url: string): Promise<void> {
    return this.webContents.loadURL(url);
  }
  show(): void {
    if (!this.visible) {
      this.visible = true;
      this.emit("show", eventOf({}));
    }
    this.focus();
  }
  showInactive(): void {
    if (this.visible) return;
    this.visible = true;
    this.emit("show", eventOf({}));
  }
  /** A taskbar that blinks: nothing to see here. */
  flashFrame(_flag: boolean): void {}
  hide(): void {
    if (!this.visible) return;
    this.visible = false;
    this.focused = false;
    this.emit("hide", eventOf({}));
  }
  focus(): void {
    if (this.focused) return;
    this.focused = true;
    this.emit("focus", eventOf({}));
  }
  isVisible(): boolean {
    return this.visible;
  }
  isFocused(): boolean {
    return this.focused;
  }
  isDestroyed(): boolean {
    return this.dead;
  }
  /** Like a click on the window's X. */
  close(): void {
    if (this.dead) return;
    const event = eventOf({});
    this.emit("close", event);
    if (!event.defaultPrevented) this.destroy();
  }
  destroy(): void {
    if (this.dead) return;
    const { webContents } = this;
    webContents._ready.then(() => chromium().cdp.send("Target.closeTarget", { targetId: webContents._targetId })).catch(ignoreGoneBrowser);
    webContents._gone();
  }

  private painted(): void {
    if (this.hasPainted) return;
    this.hasPainted = true;
    this.emit("ready-to-show", eventOf({}));
  }

  private gone(): void {
    if (this.dead) return;
    this.dead = true;
    for (const window of windows) {
      if (window.id !== this.id) continue;
      windows.delete(window);
      openWindows.delete(window);
    }
    this.emit("closed", eventOf({}));
    if (windows.size > 0 || browser.phase !== "ready" || browser.quitting) return;
    if (app.listenerCount("window-all-closed") > 0) app.emit("window-all-closed");
    else app.quit();
  }
}

/** The browser may have ended before its last window. */
function ignoreGoneBrowser(): void {}
