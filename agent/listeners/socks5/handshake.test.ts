import { describe, expect, it } from "vitest";
import { createCheckLogin } from "../login.ts";
import { SocksHandshake } from "./handshake.ts";

const noLogin = () => new SocksHandshake(undefined);
const withLogin = () => new SocksHandshake(createCheckLogin("ann", "secret"));
const login = (user: string, password: string) => [1, user.length, ...Buffer.from(user), password.length, ...Buffer.from(password)];
const toLoopback = [5, 1, 0, 1, 127, 0, 0, 1, 0, 80];
const bytes = (...parts: readonly number[][]) => Buffer.from(parts.flat());

describe("a SOCKS5 listener without a login", () => {
  it("takes 'no authentication' wherever it stands among the offers", () => {
    for (const methods of [[0], [0, 1], [2, 0], [1, 2, 0]]) {
      expect(noLogin().push(bytes([5, methods.length, ...methods]))).toMatchObject({ kind: "more", answer: Uint8Array.of(5, 0) });
    }
  });

  it("lets a program in that insists on a login, whatever the login is", () => {
    expect(noLogin().push(bytes([5, 1, 2], login("x", ""), toLoopback))).toMatchObject({
      kind: "request",
      answer: Buffer.from([5, 2, 1, 0]),
      request: { host: "127.0.0.1", port: 80 },
    });
  });

  it("refuses a program that offers nothing it serves", () => {
    expect(noLogin().push(bytes([5, 1, 1]))).toMatchObject({ kind: "refuse", code: "SOCKS_METHOD", answer: Uint8Array.of(5, 0xff) });
    expect(noLogin().push(bytes([5, 0]))).toMatchObject({ kind: "refuse", code: "SOCKS_METHOD" });
  });

  it("takes greeting, request and first payload in one packet, and keeps the payload", () => {
    const step = noLogin().push(bytes([5, 1, 0], toLoopback, [...Buffer.from("GET /")]));
    expect(step).toMatchObject({ kind: "request", answer: Uint8Array.of(5, 0), rest: Buffer.from("GET /") });
  });
});

describe("a SOCKS5 listener with a login", () => {
  it("insists on it", () => {
    expect(withLogin().push(bytes([5, 1, 0], toLoopback))).toMatchObject({
      kind: "refuse",
      code: "SOCKS_METHOD",
      answer: Uint8Array.of(5, 0xff),
    });
  });

  it("lets the right one in", () => {
    expect(withLogin().push(bytes([5, 2, 0, 2], login("ann", "secret"), toLoopback))).toMatchObject({ kind: "request" });
  });

  it.each([
    ["ann", "wrong"],
    ["ann", ""],
    ["", "secret"],
    ["annsecret", ""],
  ])("refuses %s with %s, and does not look at the request behind it", (user, password) => {
    const step = withLogin().push(bytes([5, 1, 2], login(user, password), toLoopback));
    expect(step).toMatchObject({ kind: "refuse", code: "SOCKS_AUTH", answer: Buffer.from([5, 2, 1, 1]) });
  });
});
