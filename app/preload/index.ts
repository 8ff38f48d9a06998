/** Exposes the derived bridge to the window: a handful of lines, no generic channel, nothing else. Runs sandboxed. */
import { contextBridge, ipcRenderer } from "electron";
import { createPreloadBridge } from "../bridge/index.ts";

contextBridge.exposeInMainWorld(
  "portail",
  createPreloadBridge({
    invoke: (channel, ...args) => ipcRenderer.invoke(channel, ...args),
    send: (channel) => ipcRenderer.send(channel),
    on: (channel, listener) => {
      const hear = (_event: unknown, message: unknown) => listener(message);
      ipcRenderer.on(channel, hear);
      return () => ipcRenderer.off(channel, hear);
    },
  }),
);
