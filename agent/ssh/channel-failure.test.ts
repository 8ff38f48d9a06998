import { describe, expect, it } from "vitest";
import { channelFailure } from "./channel-failure.ts";

const refusal = (reason: number | undefined, said: string) =>
  channelFailure(Object.assign(new Error(`(SSH) Channel open failure: ${said}`), reason === undefined ? {} : { reason }));

describe("a channel that is not opened", () => {
  it("because the server's rules forbid it is its own no, in its words, and is not tried another way", () => {
    expect(refusal(1, "open failed")).toMatchObject({ code: "DIAL_BACKEND_DENIED", detail: "open failed", sent: true });
  });

  it.each([
    ["Connection refused", "DIAL_REFUSED"],
    ["Connection timed out", "DIAL_TIMEOUT"],
    ["No route to host", "DIAL_UNREACHABLE"],
    ["Network is unreachable", "DIAL_UNREACHABLE"],
    ["Name or service not known", "DIAL_NAME_NOT_FOUND"],
    ["", "DIAL_BACKEND_FAILED"],
    ["something else", "DIAL_BACKEND_FAILED"],
  ])("because the server could not connect (%j) tells why", (said, code) => {
    expect(refusal(2, said)).toMatchObject({ code });
    expect(refusal(2, said).isBackendDown).toBeUndefined();
  });

  it("because the server does not forward, or has no room, says so", () => {
    expect(refusal(3, "unknown channel type")).toMatchObject({ code: "DIAL_PROTOCOL" });
    expect(refusal(4, "resource shortage")).toMatchObject({ code: "DIAL_BACKEND_FAILED" });
  });

  it("because the connection was lost may be asked for again", () => {
    expect(refusal(undefined, "")).toMatchObject({ code: "DIAL_BACKEND_DOWN", isRepeatable: true, isBackendDown: true });
  });
});
