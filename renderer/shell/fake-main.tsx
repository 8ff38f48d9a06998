import { createFakeBridge, createManualClock, type FakeControls, type ManualClock, parseFakePage } from "../bridge/fake/index.ts";
import { start } from "./start.tsx";

declare global {
  interface Window {
    /** For tests: the fake's time and what may be done to it. */
    fake?: FakeControls & { readonly clock: ManualClock };
  }
}

const beatMs = 50;
const page = parseFakePage(window.location.search);
const clock = createManualClock(Date.UTC(2026, 10, 24, 9, 42, 7));
const { bridge, controls } = createFakeBridge(page, clock);
window.fake = { ...controls, clock };
if (!page.frozen) window.setInterval(() => clock.advance(beatMs), beatMs);
start(bridge, clock);
