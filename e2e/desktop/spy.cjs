/**
 * Loaded with `-r` before the application, by real Electron and by the stand-in alike: remembers what is shown outside of windows, so that a
 * test can look at it and press it.
 */
const crypto = require("node:crypto");
const { syncBuiltinESMExports } = require("node:module");
const { Tray, Notification, shell } = require("electron");

/**
 * @type {{
 *   menu: import("electron").Menu | null,
 *   tooltip: string,
 *   notifications: { title: string, body: string, click: () => void }[],
 *   opened: string[],
 *   drawn: string[],
 * }}
 */
const spy = { menu: null, tooltip: "", notifications: [], opened: [], drawn: [] };
Object.assign(globalThis, { portailSpy: spy });

const { setContextMenu, setToolTip } = Tray.prototype;
const { show } = Notification.prototype;

Object.assign(Tray.prototype, {
  /** @this {import("electron").Tray} @param {import("electron").Menu | null} menu */
  setContextMenu(menu) {
    spy.menu = menu;
    setContextMenu.call(this, menu);
  },
  /** @this {import("electron").Tray} @param {string} text */
  setToolTip(text) {
    spy.tooltip = text;
    setToolTip.call(this, text);
  },
});
Object.assign(Notification.prototype, {
  /** @this {import("electron").Notification} */
  show() {
    spy.notifications.push({ title: this.title, body: this.body, click: () => this.emit("click", {}) });
    show.call(this);
  },
});
Object.assign(shell, {
  /** @param {string} url */
  openExternal(url) {
    spy.opened.push(url);
    return Promise.resolve();
  },
});

const { randomBytes } = crypto;
Object.assign(crypto, {
  /** @param {number} size */
  randomBytes(size) {
    const bytes = randomBytes(size);
    if (size === 32) spy.drawn.push(bytes.toString("hex"));
    return bytes;
  },
});
syncBuiltinESMExports();
