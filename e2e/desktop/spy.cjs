/**
 * Loaded with `-r` before the application, by real Electron and by the stand-in alike: remembers what is shown outside of windows, so that a
 * test can look at it and press it.
 */
const { Tray, Notification, shell } = require("electron");

const spy = { menu: undefined, tooltip: "", notifications: [], opened: [] };
globalThis.portailSpy = spy;

const wrap = (prototype, name, before) => {
  const original = prototype[name];
  prototype[name] = function wrapped(...args) {
    before.call(this, ...args);
    return original.apply(this, args);
  };
};
wrap(Tray.prototype, "setContextMenu", (menu) => {
  spy.menu = menu;
});
wrap(Tray.prototype, "setToolTip", (text) => {
  spy.tooltip = text;
});
wrap(Notification.prototype, "show", function remember() {
  spy.notifications.push({ title: this.title, body: this.body });
});
shell.openExternal = async (url) => {
  spy.opened.push(url);
};
