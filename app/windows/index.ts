/**
 * Creates the window and hardens everything a page could try: own scheme, CSP, no navigation, no popups, no permissions, no network. It
 * knows no agent. `app/main` may knock.
 */
export { hardenContents, hardenSession } from "./harden.ts";
export { createMainWindow, type MainWindow } from "./main-window.ts";
export { isOurPage, registerPageScheme, servePages } from "./pages.ts";
