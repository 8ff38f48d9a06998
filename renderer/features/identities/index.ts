/** Keys and certificates of this device: what they are, whether they work, tokens that are there, and how to get a new one. */
export * from "./identities-screen.tsx";
