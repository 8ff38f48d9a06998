import type { Session, WebContents } from "electron";
import { isOurAddress } from "./page-files.ts";

/** No permission, whatever asks: the screens need none. */
export function hardenSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.setPermissionCheckHandler(() => false);
}

export interface LinkRules {
  /** Hands a link to the person's browser. */
  open(address: string): void;
  /** The only hosts for which that is done, and only by https. */
  readonly hosts: ReadonlySet<string>;
}

/** For every page that comes to life: it stays where it is, opens nothing, embeds nothing. */
export function hardenContents(contents: WebContents, { open, hosts }: LinkRules): void {
  contents.on("will-navigate", (event) => {
    if (!isOurAddress(event.url)) event.preventDefault();
  });
  contents.on("will-attach-webview", (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    const link = URL.canParse(url) ? new URL(url) : undefined;
    if (link?.protocol === "https:" && hosts.has(link.host)) open(link.href);
    return { action: "deny" };
  });
}
