import { ipcMain } from "electron";
import { answerCall, type BridgeHandlers, bridgeChannels } from "../bridge/index.ts";
import { isOurPage } from "../windows/index.ts";

export interface WindowEars {
  readonly handlers: BridgeHandlers;
  /** The page is there and listens; from now on it wants news. Comes again when the page was loaded again. */
  watch(): void;
  unwatch(): void;
}

/** SECURITY: only the top frame of our own page is heard, and only what the table knows. */
export function listenToWindow({ handlers, watch, unwatch }: WindowEars): void {
  ipcMain.handle(bridgeChannels.ask, (event, call: unknown, input: unknown) =>
    isOurPage(event.senderFrame) ? answerCall(handlers, call, input) : { error: { code: "CONTROL_DENIED", detail: "untrusted sender" } },
  );
  ipcMain.on(bridgeChannels.watch, (event) => {
    if (isOurPage(event.senderFrame)) watch();
  });
  ipcMain.on(bridgeChannels.unwatch, (event) => {
    if (isOurPage(event.senderFrame)) unwatch();
  });
}
