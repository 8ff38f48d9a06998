import { beforeEach, expect, test } from "vitest";
import type { ConnectionView, StateEvent } from "../../agent/contract/index.ts";
import { createNotices, type Notice, type Notices } from "./notices.ts";

const connection = (change: Partial<ConnectionView> = {}): ConnectionView => ({
  id: "c1",
  listener: "local",
  protocol: "socks5",
  host: "db.example",
  port: 5432,
  program: "/usr/bin/psql",
  state: "ended",
  incident: "7F3K",
  startedAt: 0,
  up: 0,
  down: 0,
  end: "POLICY_DENIED",
  ...change,
});
const refusal = (change: Partial<ConnectionView> = {}): StateEvent => ({
  seq: 1,
  changes: [{ kind: "connection", connection: connection(change) }],
});
const hold: StateEvent = {
  seq: 1,
  changes: [
    {
      kind: "hold",
      hold: { id: "h1", connection: connection({ state: "held" }), kind: "challenge", asks: [], say: "Say why.", expiresAt: 9 },
    },
  ],
};

let shown: Notice[] = [];
let time = 0;
let wanted = true;
let notices: Notices;
beforeEach(() => {
  shown = [];
  time = 0;
  wanted = true;
  notices = createNotices({ show: (notice) => shown.push(notice), wanted: () => wanted, now: () => time });
});

test("a refusal names the program, the destination and the incident, and leads to it", () => {
  notices.hear(refusal());
  expect(shown).toEqual([
    { title: "Connection refused", body: "psql may not reach db.example:5432. Incident 7F3K.", place: { screen: "connections", id: "c1" } },
  ]);
});

test("the same refusal is told again only after a minute", () => {
  notices.hear(refusal());
  notices.hear(refusal({ id: "c2" }));
  expect(shown).toHaveLength(1);
  time = 60_000;
  notices.hear(refusal({ id: "c3" }));
  expect(shown).toHaveLength(2);
});

test("a page that tries fifty hosts does not cover the desktop with notices", () => {
  for (let at = 0; at < 50; at++) notices.hear(refusal({ host: `h${at}.example` }));
  expect(shown).toHaveLength(3);
});

test("a connection that waits is told of once, with what it waits for, also when it waited before the agent was connected to", () => {
  const [change] = hold.changes;
  if (change?.kind !== "hold") throw new Error("no hold");
  notices.see([change.hold]);
  for (let at = 0; at < 3; at++) notices.hear(hold);
  expect(shown).toEqual([
    {
      title: "A connection waits for you",
      body: "psql wants to reach db.example:5432. Say why.",
      place: { screen: "holds" },
    },
  ]);
  notices.hear({ seq: 2, changes: [{ kind: "released", id: "h1" }] });
  notices.hear(hold);
  expect(shown).toHaveLength(2);
});

test("nothing is told of what went well or failed on its way, nor while nothing is wanted", () => {
  notices.hear(refusal({ end: "served" }));
  wanted = false;
  notices.hear(refusal());
  notices.hear(hold);
  expect(shown).toEqual([]);
});
