import { createStore, type StoreApi } from "zustand/vanilla";
import { type AppSettings, type AppSettingsChange, defaultAppSettings, type PortailBridge } from "../bridge/index.ts";

export interface SettingsStore extends StoreApi<AppSettings> {
  load(): Promise<void>;
  /** Show the change at once; take it back when it could not be kept. Rejects in that case. */
  change(change: AppSettingsChange): Promise<void>;
}

export function createSettingsStore(bridge: PortailBridge): SettingsStore {
  const store = createStore<AppSettings>(() => defaultAppSettings);
  return {
    ...store,
    load: async () => store.setState(await bridge.ask("app.settings.get", {})),
    change: async (change) => {
      const before = store.getState();
      store.setState(withChange(before, change));
      try {
        store.setState(await bridge.ask("app.settings.set", change));
      } catch (cause) {
        store.setState(before);
        throw cause;
      }
    },
  };
}

function withChange(settings: AppSettings, change: AppSettingsChange): AppSettings {
  const named = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  return { ...settings, ...(named as Partial<AppSettings>) };
}
