import type { ConnectionView, HoldView, StateEvent } from "../../agent/contract/index.ts";
import type { Place } from "../bridge/index.ts";

export interface Notice {
  readonly title: string;
  readonly body: string;
  /** Where a click leads. */
  readonly place: Place;
}

export interface NoticesOptions {
  show(notice: Notice): void;
  /** False while the window is visible, or when the person wants none. */
  wanted(): boolean;
  now(): number;
}

export interface Notices {
  hear(event: StateEvent): void;
}

/** The same program and destination is told of once in this time, and so many refusals at most: a page may try fifty hosts at once. */
const quietMs = 60_000;
const mostRefusals = 3;

/** Tells the person about waiting connections, always, and about refusals, sparingly. */
export function createNotices({ show, wanted, now }: NoticesOptions): Notices {
  const told = new Map<string, number>();

  function isNews(key: string): boolean {
    for (const [old, at] of told) if (now() - at >= quietMs) told.delete(old);
    if (told.has(key) || told.size >= mostRefusals) return false;
    told.set(key, now());
    return true;
  }

  return {
    hear: ({ changes }) => {
      if (!wanted()) return;
      for (const change of changes) {
        if (change.kind === "hold") show(waiting(change.hold));
        else if (change.kind === "connection" && change.connection.end === "POLICY_DENIED") {
          const { connection } = change;
          if (isNews(`${connection.program ?? ""} ${connection.host}:${connection.port}`)) show(refused(connection));
        }
      }
    },
  };
}

function waiting({ connection, say }: HoldView): Notice {
  return {
    title: "A connection waits for you",
    body: `${programOf(connection)} wants to reach ${connection.host}:${connection.port}. ${say ?? "Open Portail to answer."}`,
    place: { screen: "holds" },
  };
}

function refused(connection: ConnectionView): Notice {
  return {
    title: "Connection refused",
    body: `${programOf(connection)} may not reach ${connection.host}:${connection.port}. Incident ${connection.incident ?? connection.id}.`,
    place: { screen: "connections", id: connection.id },
  };
}

function programOf({ program }: ConnectionView): string {
  return program?.split("/").at(-1) ?? "A program";
}
