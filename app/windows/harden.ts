import type { Session, WebContents } from "electron";
import { pageScheme } from "./pages.ts";

/** Links that a page may hand to the person's browser: https, and only these hosts. */
export type AllowedLink = (url: URL) => boolean;

/** No permission, whatever asks: the screens need none. */
export function hardenSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.setPermissionCheckHandler(() => false);
}

/** For every page that comes to life: it stays where it is, opens nothing, embeds nothing. */
export function hardenContents(contents: WebContents, open: (url: string) => void, allowed: AllowedLink): void {
  contents.on("will-navigate", (event) => {
    if (new URL(event.url).protocol !== `${pageScheme}:`) event.preventDefault();
  });
  contents.on("will-attach-webview", (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (parsed?.protocol === "https:" && allowed(parsed)) open(parsed.href);
    return { action: "deny" };
  });
}
