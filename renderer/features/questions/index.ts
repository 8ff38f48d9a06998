/** What the agent asks the person: PINs, touches, keys of new servers. Prompts come above every screen. */
export * from "./question-prompts.tsx";
export * from "./touch-notices.tsx";
