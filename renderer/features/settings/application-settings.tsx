import { useText } from "../../text/index.ts";
import { useSettings } from "./use-settings.ts";

const switches = ["launchAtLogin", "keepInTray", "notifications"] as const;

export function ApplicationSettings() {
  const { t } = useText();
  const [settings, change] = useSettings();
  return (
    <section className="panel" aria-labelledby="application-title">
      <div className="panel-head">
        <h2 id="application-title">{t.settings.app}</h2>
      </div>
      <div className="panel-body setting-rows">
        {switches.map((name) => (
          <label key={name} className="setting-row">
            <span>{t.settings[name]}</span>
            <input
              type="checkbox"
              role="switch"
              className="switch"
              checked={settings[name]}
              onChange={(event) => change({ [name]: event.currentTarget.checked })}
            />
          </label>
        ))}
      </div>
    </section>
  );
}
