/** The policy in force, explained, tested and tried out on a copy. Nothing here changes what is in force. */
export * from "./policy-screen.tsx";
