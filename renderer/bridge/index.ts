/**
 * The only room that touches `window.portail` or the network: it opens the bridge and carries it, in the desktop's window or in the console's page.
 * It knows no screen and holds no state. The store may knock; the fake next door (`fake/`) is for tests and design work only.
 */
export * from "../../app/bridge/index.ts";
export * from "./console-carrier.ts";
export * from "./open-bridge.ts";
export * from "./screen-clock.ts";
