export * from "./policy-screen.tsx";
