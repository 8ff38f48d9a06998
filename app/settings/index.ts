/**
 * Preferences of the window in one small JSON file, and the session entry that one of them stands for. Never agent configuration, never a
 * secret. A broken file counts as absent and is kept aside. `app/main` may knock.
 */
export { setAutostart } from "./autostart.ts";
export { createSettings, type Settings } from "./settings.ts";
