/** The record: search it, look at one entry, check that nothing was changed. */
export * from "./audit-screen.tsx";
