/** Preferences of the window, the configuration in force, and what this application is. */
export * from "./settings-screen.tsx";
