/** The living and recent connections: watch, sort, filter, pause, understand and close them. */
export * from "./connections-screen.tsx";
