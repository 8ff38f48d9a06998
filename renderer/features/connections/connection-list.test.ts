import { expect, test } from "vitest";
import type { ConnectionView } from "../../../agent/contract/index.ts";
import { filterConnections, noFilter } from "./connection-filter.ts";
import { firstSort, sortAfterPress, sortConnections } from "./connection-sort.ts";

const base: ConnectionView = {
  id: "x",
  listener: "local",
  protocol: "socks5",
  host: "a.example",
  port: 443,
  state: "open",
  startedAt: 1,
  up: 0,
  down: 0,
};
const connections: readonly ConnectionView[] = [
  { ...base, id: "3", host: "git.example", program: "/usr/bin/ssh", outcome: "allow", backend: "paris", down: 10, startedAt: 3 },
  { ...base, id: "2", host: "db.example", program: "/usr/bin/psql", outcome: "challenge", state: "held", startedAt: 2 },
  {
    ...base,
    id: "1",
    host: "bad.example",
    program: "/usr/bin/curl",
    outcome: "deny",
    state: "ended",
    end: "POLICY_DENIED",
    incident: "7F3K",
    down: 5,
  },
];
const ids = (list: readonly ConnectionView[]) => list.map(({ id }) => id).join("");

test("without a filter the very same list comes back", () => {
  expect(filterConnections(connections, noFilter)).toBe(connections);
});

test("words, facets and incidents find what they say", () => {
  const find = (change: Partial<typeof noFilter>) => ids(filterConnections(connections, { ...noFilter, ...change }));
  expect(find({ text: "EXAMPLE usr" })).toBe("321");
  expect(find({ text: "7f3k" })).toBe("1");
  expect(find({ text: "refused by policy" })).toBe("1");
  expect(find({ text: "example -psql" })).toBe("31");
  expect(find({ state: "live" })).toBe("32");
  expect(find({ state: "held" })).toBe("2");
  expect(find({ verdict: "refused" })).toBe("1");
  expect(find({ verdict: "asked" })).toBe("2");
  expect(find({ backend: "paris" })).toBe("3");
  expect(find({ program: "/usr/bin/psql" })).toBe("2");
});

test("columns sort their natural way first, then turn around, and never change the input", () => {
  const byDown = sortAfterPress(firstSort, "down");
  expect(ids(sortConnections(connections, byDown))).toBe("312");
  expect(ids(sortConnections(connections, sortAfterPress(byDown, "down")))).toBe("213");
  expect(ids(sortConnections(connections, sortAfterPress(firstSort, "program")))).toBe("123");
  expect(ids(sortConnections(connections, sortAfterPress(firstSort, "age")))).toBe("123");
  expect(ids(connections)).toBe("321");
});
