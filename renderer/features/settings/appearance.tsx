import { catalogues, type Language, useText } from "../../text/index.ts";
import { Segments } from "../../ui/index.ts";
import { useSettings } from "./use-settings.ts";

export function Appearance() {
  const { t } = useText();
  const [settings, change] = useSettings();
  const words = t.settings;
  const known = Object.keys(catalogues) as Language[];
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
        {known.length === 1 ? null : (
          <div className="setting-row">
            <span>{words.language}</span>
            <Segments
              label={words.language}
              value={settings.language}
              options={[
                { value: "system", says: words.languages.system },
                ...known.map((value) => ({ value, says: words.languages[value] })),
              ]}
              onValue={(language) => change({ language })}
            />
          </div>
        )}
      </div>
    </section>
  );
}
