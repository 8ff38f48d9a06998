export * from "./settings-screen.tsx";
