import { useStore } from "zustand";
import { usePortail } from "../store/index.ts";
import { useText } from "../text/index.ts";
import { Icon, IconButton } from "../ui/index.ts";

/** Short sentences in the corner; read out as they come. */
export function Notices() {
  const { t } = useText();
  const { notices } = usePortail();
  const shown = useStore(notices);
  return (
    <ul className="notices" aria-live="polite" aria-label={t.shell.notices}>
      {shown.map((notice) => (
        <li key={notice.id} className={`notice notice-${notice.tone}`}>
          <Icon name={notice.tone === "done" ? "check" : "warning"} />
          <span className="grow wrap-anywhere">{notice.says}</span>
          <IconButton small tone="plain" icon="close" label={t.common.close} onClick={() => notices.dismiss(notice.id)} />
        </li>
      ))}
    </ul>
  );
}
