/** What `import "electron"` means in the main process: as much of the API as the product uses. */
import { app } from "./app.ts";
import { BrowserWindow } from "./browser-window.ts";
import { ipcMain } from "./ipc-main.ts";
import { Menu, MenuItem, nativeImage, Notification, shell, Tray } from "./native.ts";
import { protocol, session } from "./pages.ts";
import { webContents } from "./web-contents.ts";

export { app, BrowserWindow, ipcMain, Menu, MenuItem, nativeImage, Notification, protocol, session, shell, Tray, webContents };
export default { app, BrowserWindow, ipcMain, Menu, MenuItem, nativeImage, Notification, protocol, session, shell, Tray, webContents };
