/** Connections that wait for the person: what is asked, how long it may take, go on or refuse. */
export * from "./hold-banner.tsx";
