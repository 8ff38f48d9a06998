import { beforeEach, expect, test } from "vitest";
import type { ConnectionView, Questions, StateEvent } from "../../agent/contract/index.ts";
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

const none: Questions = { pins: [], touches: [], hostKeys: [] };
const pin: Questions["pins"][number] = {
  id: "pin-1",
  identity: "laptop",
  token: "YubiKey",
  why: "needed",
  tries: "last",
  isForOneUse: false,
  expiresAt: 9,
};
const touch: Questions["touches"][number] = { identity: "laptop", token: "YubiKey", kind: "touch" };
const asks = (questions: Partial<Questions>): StateEvent => ({
  seq: 1,
  changes: [{ kind: "questions", questions: { ...none, ...questions } }],
});

let shown: Notice[] = [];
let time = 0;
let wanted = true;
let isAhead = false;
let raised = 0;
let notices: Notices;
beforeEach(() => {
  shown = [];
  time = 0;
  wanted = true;
  isAhead = false;
  raised = 0;
  notices = createNotices({
    show: (notice) => shown.push(notice),
    wanted: () => wanted,
    wantsQuestions: () => wanted && !isAhead,
    raise: () => (raised += 1),
    now: () => time,
  });
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
  notices.see({ holds: [change.hold], questions: none });
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

test("a key that needs its PIN is told of once, with its last try, and brings the window into sight", () => {
  notices.hear(asks({ pins: [pin] }));
  notices.hear(asks({ pins: [pin] }));
  expect(shown).toEqual([
    { title: "A key needs its PIN", body: "YubiKey, for the identity laptop. This is the last try. Programs wait for it." },
  ]);
  expect(raised).toBe(1);
  notices.hear(asks({ pins: [{ ...pin, id: "pin-2", why: "wrong", tries: "few" }] }));
  expect(shown.at(-1)?.title).toBe("That PIN was wrong");
  expect(shown.at(-1)?.body).toContain("Few tries are left.");
});

test("a question that waits already when the agent is connected to is told too, and a new server is one", () => {
  const hostKey = { id: "h", backend: "bastion", address: "gw:22", algorithm: "ssh-ed25519", fingerprint: "SHA256:x", expiresAt: 9 };
  notices.see({ holds: [], questions: { ...none, hostKeys: [hostKey] } });
  expect(shown.map(({ title }) => title)).toEqual(["Is this the right server?"]);
  expect(shown[0]?.body).toContain("gw:22");
  expect(raised).toBe(1);
});

test("a touch is told each time that it is needed, and covers no other window", () => {
  notices.hear(asks({ touches: [touch] }));
  notices.hear(asks({ touches: [touch] }));
  notices.hear(asks({}));
  notices.hear(asks({ touches: [{ ...touch, kind: "keypad" }] }));
  expect(shown.map(({ title }) => title)).toEqual(["Touch your key", "Type the PIN at the reader"]);
  expect(raised).toBe(0);
});

test("who looks at the prompt is not told of it, and it is not told later either", () => {
  isAhead = true;
  notices.hear(asks({ pins: [pin] }));
  isAhead = false;
  notices.hear(asks({ pins: [pin] }));
  expect(shown).toEqual([]);
});
