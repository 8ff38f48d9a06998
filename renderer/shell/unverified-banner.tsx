import type { Alarm } from "../../agent/contract/index.ts";
import { Prose } from "../pieces/index.ts";
import { useAgent } from "../store/index.ts";
import { formatPrintable, useText } from "../text/index.ts";
import { Icon } from "../ui/index.ts";

/** On every screen while a server is believed without proof. SECURITY: it can't be sent away; only the configuration takes it back. */
export function UnverifiedBanner() {
  const { t } = useText();
  const alarms = useAgent((state) => state.status?.alarms);
  const words = t.shell.unverified;
  const names = (alarms ?? []).filter(({ code }) => code === "TLS_UNVERIFIED").map(nameOf);
  if (names.length === 0) return null;
  const says = names.length === 1 ? words.says : words.saysMany;
  return (
    <section className="unverified" aria-label={words.title}>
      <Icon name="warning" />
      <p className="grow wrap-anywhere">
        <strong>{says(names.join(", "))}</strong> <Prose says={words.remedy} />
      </p>
    </section>
  );
}

/** The alarm names its key, `backends.NAME.tls.dangerously_skip_verification`; a person knows the way out by its name. */
function nameOf({ detail }: Alarm): string {
  return formatPrintable(/^backends\.(.+)\.tls\./.exec(detail)?.[1] ?? detail);
}
