import { protocol, type Session, type WebFrameMain } from "electron";
import { answerPage, isOurAddress, pageScheme } from "./page-files.ts";

/** Must happen before the application is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: pageScheme, privileges: { standard: true, secure: true } }]);
}

export function servePages(session: Session, folder: string): void {
  session.protocol.handle(pageScheme, (request) => answerPage(folder, request.url));
}

/** True for the top frame of our own pages: the only sender whose messages are heard. */
export function isOurPage(frame: WebFrameMain | null): boolean {
  return frame !== null && frame.parent === null && isOurAddress(frame.url);
}
