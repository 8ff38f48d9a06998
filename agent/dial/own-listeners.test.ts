import { expect, test } from "vitest";
import { createOwnListeners } from "./own-listeners.ts";

const isOwn = (...listening: string[]) =>
  createOwnListeners({
    listening: () => listening.map((address) => ({ address, port: 1080 })),
    localAddresses: () => ["127.0.0.1", "192.168.1.7", "::1", "2001:db8::7"],
  });

test.each([
  ["127.0.0.1", "127.0.0.1"],
  ["127.0.0.1", "0.0.0.0"],
  ["127.0.0.1", "::ffff:127.0.0.1"],
  ["127.0.0.1", "::ffff:7f00:1"],
  ["0.0.0.0", "127.0.0.1"],
  ["0.0.0.0", "127.8.9.10"],
  ["0.0.0.0", "192.168.1.7"],
  ["0.0.0.0", "0.0.0.0"],
  ["::", "::1"],
  ["::", "2001:DB8::7"],
  ["::", "::"],
  ["::", "192.168.1.7"],
  ["fe80::1", "fe80::1%eth0"],
])("listening on %s, connecting to %s would reach ourselves", (own, target) => {
  expect(isOwn(own)(target, 1080)).toBe(true);
});

test.each([
  ["127.0.0.1", "127.0.0.2"],
  ["127.0.0.1", "192.168.1.7"],
  ["192.168.1.7", "127.0.0.1"],
  ["192.168.1.7", "0.0.0.0"],
  ["0.0.0.0", "192.168.1.8"],
  ["::", "2001:db8::8"],
])("listening on %s, connecting to %s reaches somebody else", (own, target) => {
  expect(isOwn(own)(target, 1080)).toBe(false);
});

test("another port is another program", () => {
  expect(isOwn("0.0.0.0", "::")("127.0.0.1", 1081)).toBe(false);
});
