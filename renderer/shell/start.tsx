import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import type { PortailBridge, ScreenClock } from "../bridge/index.ts";
import { createPortail, PortailProvider, parsePlace, screens } from "../store/index.ts";
import { App } from "./app.tsx";

/** Put the screens into the page and begin to follow the agent. */
export function start(bridge: PortailBridge, clock: ScreenClock): void {
  const portail = createPortail(bridge, clock);
  portail.agent.start(({ screen, id }) => {
    const target = screens.find((name) => name === screen) ?? parsePlace("").screen;
    portail.place.go(target, id === undefined ? {} : { id });
  });
  portail.place.start();
  portail.settings.load().catch(keepDefaultSettings);
  const root = document.getElementById("root");
  if (root === null) throw new Error("the page has no #root");
  createRoot(root).render(
    <StrictMode>
      <PortailProvider portail={portail}>
        <App />
      </PortailProvider>
    </StrictMode>,
  );
}

/** Preferences are a comfort: without them the screens use the defaults. */
function keepDefaultSettings(): void {}
