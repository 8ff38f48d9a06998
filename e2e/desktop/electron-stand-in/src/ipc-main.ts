import { EventEmitter } from "node:events";
import { strict } from "./strict.ts";

type Handler = (event: unknown, ...args: unknown[]) => unknown;

class IpcMain extends EventEmitter {
  readonly _handlers = new Map<string, Handler>();

  handle(channel: string, handler: (...given: never[]) => unknown): void {
    if (this._handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    this._handlers.set(channel, handler as Handler);
  }
  removeHandler(channel: string): void {
    this._handlers.delete(channel);
  }
}

export const ipcMain = strict("ipcMain", new IpcMain());
