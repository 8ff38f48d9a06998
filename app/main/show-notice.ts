import { Notification } from "electron";
import type { Place } from "../bridge/index.ts";
import type { Notice } from "./notices.ts";

/** Electron lets go of a notification that nobody holds, and its click with it. */
const shown = new Set<Notification>();
const keptNotices = 20;

/** Where the desktop shows none, nothing is lost: the tray and the screen say the same. */
export function showNotice({ title, body, place }: Notice, open: (place?: Place) => void): void {
  if (!Notification.isSupported()) return;
  const notification = new Notification({ title, body });
  shown.add(notification);
  for (const oldest of shown) if (shown.size > keptNotices) shown.delete(oldest);
  notification.on("close", () => shown.delete(notification));
  notification.on("click", () => {
    shown.delete(notification);
    open(place);
  });
  notification.show();
}
