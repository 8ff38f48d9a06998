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
  /** What waits already when the agent is connected to. */
  see(holds: readonly HoldView[]): void;
}

/** The same program and destination is told of once in this time, and so many refusals at most: a page may try fifty hosts at once. */
const quietMs = 60_000;
const mostRefusals = 3;

/** Tells the person about each waiting connection once, and about refusals sparingly. */
export function createNotices({ show, wanted, now }: NoticesOptions): Notices {
  const told = new Map<string, number>();
  const asked = new Set<string>();

  function isNews(key: string): boolean {
    for (const [old, at] of told) if (now() - at >= quietMs) told.delete(old);
    if (told.has(key) || told.size >= mostRefusals) return false;
    told.set(key, now());
    return true;
  }

  function ask(hold: HoldView): void {
    if (!wanted() || asked.has(hold.id)) return;
    asked.add(hold.id);
    show(waiting(hold));
  }

  function refuse(connection: ConnectionView): void {
    if (connection.end !== "POLICY_DENIED" || !wanted()) return;
    if (isNews(`${connection.program ?? ""} ${connection.host}:${connection.port}`)) show(refused(connection));
  }

  return {
    see: (holds) => {
      for (const hold of holds) ask(hold);
    },
    hear: ({ changes }) => {
      for (const change of changes) {
        if (change.kind === "hold") ask(change.hold);
        else if (change.kind === "released") asked.delete(change.id);
        else if (change.kind === "connection") refuse(change.connection);
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
