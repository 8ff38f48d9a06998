import { isBridgeCall } from "./bridge-calls.ts";
import type { BridgeAnswer } from "./bridge-error.ts";
import type { BridgeCarrier } from "./portail-bridge.ts";

/** The only channels between a window and the main process. */
export const bridgeChannels = {
  /** invoke(call, input) -> BridgeAnswer */
  ask: "portail:ask",
  /** send(): from now on, and with a fresh snapshot, send messages to this window. */
  watch: "portail:watch",
  /** send(): no more messages. */
  unwatch: "portail:unwatch",
  /** main -> window: one BridgeMessage */
  message: "portail:message",
} as const;

/** The little of `ipcRenderer` that the preload needs; so that this file never sees electron. */
export interface PreloadIpc {
  invoke(channel: string, ...args: unknown[]): Promise<unknown>;
  send(channel: string): void;
  /** Calls back with the message only, never with electron's event; returns the way to stop. */
  on(channel: string, listener: (message: unknown) => void): () => void;
}

/** What the preload exposes as `window.portail`. SECURITY: only names from the table pass; no channel name ever comes from the page. */
export function createPreloadBridge(ipc: PreloadIpc): BridgeCarrier {
  return {
    runtime: "desktop",
    ask: async (call, input) => {
      if (!isBridgeCall(call)) return { error: { code: "CONTROL_BAD_CALL", detail: "no such call" } };
      return (await ipc.invoke(bridgeChannels.ask, call, input)) as BridgeAnswer;
    },
    watch: (onMessage) => {
      const stop = ipc.on(bridgeChannels.message, onMessage);
      ipc.send(bridgeChannels.watch);
      return () => {
        stop();
        ipc.send(bridgeChannels.unwatch);
      };
    },
  };
}
