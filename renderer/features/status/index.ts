export * from "./status-screen.tsx";
