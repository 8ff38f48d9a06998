/**
 * Preferences of the window, one small JSON file. Never agent configuration, never a secret. A broken file counts as absent and is kept
 * aside. `app/main` may knock.
 */
export { createSettings, type Settings } from "./settings.ts";
