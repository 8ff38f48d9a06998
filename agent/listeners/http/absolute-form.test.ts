import { expect, test } from "vitest";
import { formatForwardedRequest } from "./forwarded-head.ts";
import { parseRequestHead } from "./head.ts";

const forwarded = (head: string, authority = "origin.test:8080", authorization?: string): string => {
  const parsed = parseRequestHead(`${head}\r\n\r\n`);
  if (parsed.kind !== "request") throw new Error(parsed.detail);
  const path = / http:\/\/[^/ ]+([^ ]*) /.exec(head)?.[1] ?? "/";
  const forwarding = {
    target: { kind: "target", host: "origin.test", port: 8080, path },
    host: "origin.test",
    framing: { kind: "none" },
    upgrade: false,
    via: "portail",
  } as const;
  const forward = { authority, refusal: () => undefined };
  return formatForwardedRequest(parsed, forwarding, authorization === undefined ? forward : { ...forward, authorization });
};

test("a proxy is asked in absolute form, by the authority that was judged, whatever the program wrote into Host", () => {
  const asked = forwarded("GET http://origin.test:8080/a?b=c HTTP/1.1\r\nHost: other.test");
  expect(asked).toMatch(/^GET http:\/\/origin\.test:8080\/a\?b=c HTTP\/1\.1\r\nHost: origin\.test:8080\r\n/);
  expect(asked).not.toContain("other.test");
});

test("the proxy's login is ours and never the program's", () => {
  const asked = forwarded(
    "GET http://origin.test:8080/ HTTP/1.1\r\nHost: a\r\nProxy-Authorization: Basic dGhlaXJz",
    "origin.test:8080",
    "Basic b3Vycw==",
  );
  expect(asked.match(/^Proxy-Authorization: .*$/gm)).toEqual(["Proxy-Authorization: Basic b3Vycw=="]);
  expect(forwarded("GET http://origin.test:8080/ HTTP/1.1\r\nHost: a\r\nProxy-Authorization: Basic dGhlaXJz")).not.toContain(
    "Proxy-Authorization",
  );
});
