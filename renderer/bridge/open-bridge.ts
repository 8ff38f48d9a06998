import { z } from "zod";
import { type BridgeCarrier, createBridge, type PortailBridge } from "../../app/bridge/index.ts";
import { createConsoleCarrier } from "./console-carrier.ts";
import { realClock } from "./screen-clock.ts";

declare global {
  interface Window {
    /** Put there by the desktop's preload; absent in a browser. */
    readonly portail?: BridgeCarrier;
  }
}

// SECURITY: the page's Content-Security-Policy forbids code from strings; without this the schema library would try it once and be reported.
z.config({ jitless: true });

/** The bridge of this page: the desktop's preload when there is one, else the console's server. */
export function openBridge(onBadMessage: (cause: unknown) => void): PortailBridge {
  const carrier =
    window.portail ?? createConsoleCarrier({ fetch: window.fetch.bind(window), clock: realClock, storage: window.localStorage });
  return createBridge(carrier, onBadMessage);
}
