import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { StillClock } from "../../testing/index.ts";
import { makePki, makeRoom } from "../pki.suite.ts";
import { Sessions } from "./sessions.ts";

const room = makeRoom();
let peer: X509Certificate;
beforeAll(() => {
  peer = new X509Certificate(makePki(room.dir).server.cert);
});
afterAll(() => room.remove());

function open() {
  const clock = new StillClock();
  clock.time = peer.validFromDate.getTime();
  const sessions = new Sessions(clock);
  const keep = (text: string, era = sessions.era): Buffer => {
    const session = Buffer.from(text);
    sessions.keep("server", { session, peer }, era);
    return session;
  };
  return { clock, sessions, keep, newest: () => sessions.newest("server")?.session.toString() };
}

it("the newest ticket comes first, and all are overwritten when they are flushed", () => {
  const { sessions, keep, newest } = open();
  const kept = [keep("one"), keep("two")];
  expect(newest()).toBe("two");
  sessions.flush();
  expect(newest()).toBeUndefined();
  expect(kept.every((session) => session.every((byte) => byte === 0))).toBe(true);
});

it("a ticket that comes after a flush on a connection from before it is not kept", () => {
  const { sessions, keep, newest } = open();
  const { era } = sessions;
  sessions.flush();
  expect(keep("late", era).every((byte) => byte === 0)).toBe(true);
  expect(newest()).toBeUndefined();
  keep("new");
  expect(newest()).toBe("new");
});

it("no ticket is used after an hour, after the server's certificate, or when the clock was set back", () => {
  const { clock, keep, newest } = open();
  keep("old");
  clock.time += 60 * 60_000 + 1;
  expect(newest()).toBeUndefined();
  clock.time = peer.validToDate.getTime() - 1000;
  keep("short");
  clock.time += 2000;
  expect(newest()).toBeUndefined();
  clock.time = peer.validFromDate.getTime() + 5000;
  keep("future");
  clock.time -= 4000;
  expect(newest()).toBeUndefined();
});
