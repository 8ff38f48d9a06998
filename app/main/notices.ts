import type { ConnectionView, StateEvent } from "../../agent/contract/index.ts";

export interface NoticesOptions {
  show(title: string, body: string): void;
  /** False while the window is visible, or when the person wants none. */
  wanted(): boolean;
}

/** Refusals of the same program and destination are told once in this time. */
const quietMs = 60_000;

/** Tells the person about waiting connections and refusals that their program could not explain. */
export function createNotices(options: NoticesOptions): { hear(event: StateEvent): void } {
  const told = new Map<string, number>();

  function refused(connection: ConnectionView): void {
    const key = `${connection.program ?? ""} ${connection.host}:${connection.port}`;
    const now = Date.now();
    if (now - (told.get(key) ?? -quietMs) < quietMs) return;
    for (const [old, at] of told) if (now - at >= quietMs) told.delete(old);
    told.set(key, now);
    const who = connection.program?.split("/").at(-1) ?? "A program";
    options.show(
      "Connection refused",
      `${who} may not reach ${connection.host}:${connection.port}. Incident ${connection.incident ?? connection.id}.`,
    );
  }

  return {
    hear: (event) => {
      if (!options.wanted()) return;
      for (const change of event.changes) {
        if (change.kind === "hold")
          options.show("A connection waits for you", `${change.hold.connection.host}: ${change.hold.say ?? "open Portail to answer"}`);
        else if (change.kind === "connection" && change.connection.end === "POLICY_DENIED") refused(change.connection);
      }
    },
  };
}
