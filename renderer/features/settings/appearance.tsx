import { useText } from "../../text/index.ts";
import { Segments } from "../../ui/index.ts";
import { useSettings } from "./use-settings.ts";

export function Appearance() {
  const { t } = useText();
  const [settings, change] = useSettings();
  const words = t.settings;
  return (
    <section className="panel" aria-labelledby="appearance-title">
      <div className="panel-head">
        <h2 id="appearance-title">{words.appearance}</h2>
      </div>
      <div className="panel-body setting-rows">
        <div className="setting-row">
          <span>{words.theme}</span>
          <Segments
            label={words.theme}
            value={settings.theme}
            options={[
              { value: "system", says: words.themes.system },
              { value: "light", says: words.themes.light },
              { value: "dark", says: words.themes.dark },
            ]}
            onValue={(theme) => change({ theme })}
          />
        </div>
        <div className="setting-row">
          <span>{words.language}</span>
          <Segments
            label={words.language}
            value={settings.language}
            options={[
              { value: "system", says: words.languages.system },
              { value: "en", says: words.languages.en },
              { value: "fr", says: words.languages.fr },
            ]}
            onValue={(language) => change({ language })}
          />
        </div>
      </div>
    </section>
  );
}
