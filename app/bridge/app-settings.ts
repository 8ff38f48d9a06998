import { z } from "zod";

export const themes = ["system", "light", "dark"] as const;
export const languages = ["system", "en", "fr"] as const;

/** Preferences of the window only; nothing in here changes what the agent does. */
export const appSettingsSchema = z.object({
  theme: z.enum(themes).default("system"),
  language: z.enum(languages).default("system"),
  /** Start with the person's session. */
  launchAtLogin: z.boolean().default(false),
  /** Closing the window leaves the tray icon and the agent running. */
  keepInTray: z.boolean().default(true),
  /** Tell about refusals and waiting connections while the window is hidden. */
  notifications: z.boolean().default(true),
});
export type AppSettings = z.infer<typeof appSettingsSchema>;

/** What is to change; what is not named stays. Written out so that no default of the whole fills a gap in a part. */
export const appSettingsChangeSchema = z.strictObject({
  theme: z.enum(themes).optional(),
  language: z.enum(languages).optional(),
  launchAtLogin: z.boolean().optional(),
  keepInTray: z.boolean().optional(),
  notifications: z.boolean().optional(),
});
export type AppSettingsChange = z.infer<typeof appSettingsChangeSchema>;

export const defaultAppSettings: AppSettings = appSettingsSchema.parse({});
