import type { Flag } from "./command.ts";

/** Wherever something is said that a program could read. */
export const json: Flag = { name: "json", says: "Machine-readable output" };
