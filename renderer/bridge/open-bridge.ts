import "./no-generated-code.ts";
import { type BridgeCarrier, createBridge, type PortailBridge } from "../../app/bridge/index.ts";
import { createConsoleCarrier } from "./console-carrier.ts";
import { realClock } from "./screen-clock.ts";

declare global {
  interface Window {
    /** Put there by the desktop's preload; absent in a browser. */
    readonly portail?: BridgeCarrier;
  }
}

/** The bridge of this page: the desktop's preload when there is one, else the console's server. */
export function openBridge(onBadMessage: (cause: unknown) => void): PortailBridge {
  const carrier =
    window.portail ?? createConsoleCarrier({ fetch: window.fetch.bind(window), clock: realClock, storage: window.localStorage });
  return createBridge(carrier, onBadMessage);
}
