import type { ConnectionView, HoldView, Questions, StateEvent, StateSnapshot } from "../../agent/contract/index.ts";
import type { Place } from "../bridge/index.ts";

export interface Notice {
  readonly title: string;
  readonly body: string;
  /** Where a click leads; absent: to the window, where a prompt stands above every screen. */
  readonly place?: Place;
}

export interface NoticesOptions {
  show(notice: Notice): void;
  /** False while the window is visible, or when the person wants none. */
  wanted(): boolean;
  /** The same for a question: it is told while the window is somewhere behind, too. */
  wantsQuestions(): boolean;
  /** Somebody must answer now: bring the window into sight. */
  raise(): void;
  now(): number;
}

export interface Notices {
  hear(event: StateEvent): void;
  /** What waits already when the agent is connected to. */
  see(snapshot: Pick<StateSnapshot, "holds" | "questions">): void;
}

/** The same program and destination is told of once in this time, and so many refusals at most: a page may try fifty hosts at once. */
const quietMs = 60_000;
const mostRefusals = 3;

/** Tells the person about each waiting connection once, and about refusals sparingly. */
export function createNotices({ show, wanted, wantsQuestions, raise, now }: NoticesOptions): Notices {
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

  /** Each question is told once; a touch again when it comes again. */
  let known = new Set<string>();
  function question(questions: Questions): void {
    const now = noticesOf(questions);
    const news = [...now].filter(([key]) => !known.has(key));
    known = new Set(now.keys());
    if (wantsQuestions()) for (const [, notice] of news) show(notice);
    if (news.some(([key]) => !key.startsWith("touch "))) raise();
  }

  return {
    see: ({ holds, questions }) => {
      for (const hold of holds) ask(hold);
      question(questions);
    },
    hear: ({ changes }) => {
      for (const change of changes) {
        if (change.kind === "hold") ask(change.hold);
        else if (change.kind === "questions") question(change.questions);
        else if (change.kind === "released") asked.delete(change.id);
        else if (change.kind === "connection") refuse(change.connection);
      }
    },
  };
}

function noticesOf({ pins, touches, hostKeys }: Questions): ReadonlyMap<string, Notice> {
  return new Map([
    ...pins.map(({ id, token, identity, why, tries }): [string, Notice] => {
      const warns = tries === "last" ? " This is the last try." : tries === "few" ? " Few tries are left." : "";
      const title = why === "wrong" ? "That PIN was wrong" : "A key needs its PIN";
      return [id, { title, body: `${token}, for the identity ${identity}.${warns} Programs wait for it.` }];
    }),
    ...hostKeys.map(({ id, address, backend }): [string, Notice] => [
      id,
      { title: "Is this the right server?", body: `${address} shows its key for the first time, on the way out ${backend}.` },
    ]),
    ...touches.map(({ identity, token, kind }): [string, Notice] => [
      `touch ${identity} ${token}`,
      {
        title: kind === "keypad" ? "Type the PIN at the reader" : "Touch your key",
        body: `${token} waits, for the identity ${identity}.`,
      },
    ]),
  ]);
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
