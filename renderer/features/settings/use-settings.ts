import { useStore } from "zustand";
import { type AppSettings, type AppSettingsChange, usePortail } from "../../store/index.ts";
import { useText } from "../../text/index.ts";

/** The preferences, and a way to change them that says when it could not be kept. */
export function useSettings(): readonly [AppSettings, (change: AppSettingsChange) => void] {
  const { settings, notices } = usePortail();
  const { t } = useText();
  const change = (wanted: AppSettingsChange) => {
    settings.change(wanted).catch(() => notices.tell("failed", t.settings.notKept));
  };
  return [useStore(settings), change];
}
