import "./settings.css";
import { ScreenHead } from "../../pieces/index.ts";
import { usePortail } from "../../store/index.ts";
import { useText } from "../../text/index.ts";
import { About } from "./about.tsx";
import { Appearance } from "./appearance.tsx";
import { AgentControls } from "./agent-controls.tsx";
import { ApplicationSettings } from "./application-settings.tsx";

export function SettingsScreen() {
  const { t } = useText();
  const { bridge } = usePortail();
  return (
    <div className="settings">
      <ScreenHead title={t.shell.names.settings} command="portail config show" />
      <Appearance />
      {bridge.runtime === "desktop" ? <ApplicationSettings /> : null}
      <AgentControls />
      <About />
    </div>
  );
}
