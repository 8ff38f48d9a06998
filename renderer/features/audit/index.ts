export * from "./audit-screen.tsx";
