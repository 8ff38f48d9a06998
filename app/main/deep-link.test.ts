import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDeepLink, placeInArguments } from "./deep-link.ts";

test("a link leads to a screen, and to one thing on it", () => {
  expect(parseDeepLink("portail://open/connections/7F3K2A")).toEqual({ screen: "connections", id: "7F3K2A" });
  expect(parseDeepLink("portail://open/audit")).toEqual({ screen: "audit" });
  expect(placeInArguments(["/usr/bin/portail", "--hidden", "portail://open/policy"])).toEqual({ screen: "policy" });
});

test.each([
  "https://open/connections",
  "portail://run/connections",
  "portail://open/nowhere",
  "portail://open/connections/a/b",
  "portail://open/connections/..%2f..%2fetc",
  "portail://open/connections?then=quit",
  "portail://user@open/connections",
  "portail://:password@open/connections",
  "portail://open:80/connections",
  "portail://open/connections#then",
  `portail://open/connections/${"a".repeat(300)}`,
])("refuses %s", (link) => {
  expect(parseDeepLink(link)).toBeUndefined();
});

test("no text whatever makes it throw", () => {
  fc.assert(fc.property(fc.string(), (text) => void parseDeepLink(`portail://open/${text}`)));
});
