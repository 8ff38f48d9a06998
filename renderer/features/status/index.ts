/** Whether it works, where programs connect, by which policy and which ways out; what needs somebody. */
export * from "./status-screen.tsx";
