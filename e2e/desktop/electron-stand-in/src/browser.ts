import type { LaunchedChromium } from "./cdp.ts";

/** What all parts of the stand-in share: the browser once it runs, and how far the application's life has come. */
export const browser: {
  chromium: LaunchedChromium | undefined;
  phase: "starting" | "ready" | "exited";
  quitting: boolean;
  readonly switches: Map<string, string>;
} = { chromium: undefined, phase: "starting", quitting: false, switches: new Map() };

export function chromium(): LaunchedChromium {
  if (browser.chromium === undefined) throw new Error("electron stand-in: the browser does not run yet");
  return browser.chromium;
}
