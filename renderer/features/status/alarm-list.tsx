import type { Alarm } from "../../../agent/contract/index.ts";
import { Prose } from "../../pieces/index.ts";
import { useNow } from "../../store/index.ts";
import { failureText, formatPrintable, useText } from "../../text/index.ts";
import { Icon } from "../../ui/index.ts";

export function AlarmList({ alarms }: { readonly alarms: readonly Alarm[] }) {
  const { t, f } = useText();
  const now = useNow();
  return (
    <section className="stack" aria-label={t.status.alarms}>
      <h2 className="hidden-text">{t.status.alarms}</h2>
      {alarms.map((alarm) => {
        const { sentence, remedy } = failureText(alarm.code);
        return (
          <div key={`${alarm.code}${alarm.detail}`} className="notice-box notice-box-ask">
            <Icon name="warning" />
            <div className="stack-small grow">
              <p>
                <strong>{sentence}</strong> <Prose says={remedy} />
              </p>
              <p className="alarm-detail wrap-anywhere">{formatPrintable(alarm.detail)}</p>
            </div>
            <p className="alarm-detail">{t.status.alarmSince(f.age(now - alarm.since))}</p>
          </div>
        );
      })}
    </section>
  );
}
