import { useAgent, useCall, usePortail } from "../../store/index.ts";
import { useText } from "../../text/index.ts";

export function About() {
  const { t } = useText();
  const words = t.settings;
  const { bridge } = usePortail();
  const about = useCall("app.about", bridge.runtime === "desktop" ? {} : undefined);
  const agentVersion = useAgent((state) => state.status?.version);
  const version = about.value?.version ?? agentVersion;
  return (
    <section className="panel" aria-labelledby="about-title">
      <div className="panel-head">
        <h2 id="about-title">{words.about}</h2>
      </div>
      <div className="panel-body stack-small">
        <p className="about-says">{words.aboutSays}</p>
        <p className="quiet">
          {[
            version === undefined ? "" : words.version(version),
            ...(about.value?.parts ?? []).map((part) => `${part.name} ${part.version}`),
            words.licence,
          ]
            .filter((part) => part !== "")
            .join(" · ")}
        </p>
      </div>
    </section>
  );
}
