import fs from "node:fs";
import path from "node:path";
import { type AppSettings, type AppSettingsChange, appSettingsSchema, defaultAppSettings } from "../bridge/index.ts";

export interface Settings {
  get(): AppSettings;
  set(change: AppSettingsChange): AppSettings;
}

/** Read once, kept in memory, written whole on each change by rename, so that a crash leaves the old file or the new one. */
export function createSettings(file: string): Settings {
  let current = readSettings(file);
  return {
    get: () => current,
    set: (change) => {
      const named = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      current = appSettingsSchema.parse({ ...current, ...named });
      fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
      fs.writeFileSync(`${file}.new`, `${JSON.stringify(current, null, 2)}\n`, { mode: 0o600 });
      fs.renameSync(`${file}.new`, file);
      return current;
    },
  };
}

function readSettings(file: string): AppSettings {
  if (!fs.existsSync(file)) return defaultAppSettings;
  try {
    return appSettingsSchema.parse(JSON.parse(fs.readFileSync(file, "utf8")));
  } catch {
    fs.renameSync(file, `${file}.broken`);
    return defaultAppSettings;
  }
}
