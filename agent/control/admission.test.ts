import { describe, expect, it } from "vitest";
import { admit } from "./admission.ts";

const secret = "5e".repeat(32);
const own = { uid: 1000, pid: 1 };
const other = { uid: 1001, pid: 1 };
const root = { uid: 0, pid: 1 };

describe("who gets what", () => {
  it.each([
    ["the owner", own, undefined, "operate"],
    ["the owner with the secret", own, secret, "admin"],
    ["the owner with a wrong secret", own, "x", "wrong-secret"],
    ["another user", other, undefined, "other-user"],
    ["another user with the secret", other, secret, "other-user"],
    ["root", root, undefined, "other-user"],
    ["nobody knows who", undefined, undefined, "unproven"],
    ["nobody knows who, with the secret", undefined, secret, "admin"],
    ["nobody knows who, with a wrong secret", undefined, "x", "wrong-secret"],
  ] as const)("%s", (_, peer, given, expected) => {
    const admission = admit({ uid: 1000, secret }, peer, given);
    expect(admission.kind === "admitted" ? admission.tier : admission.incident).toBe(expected);
  });

  it("without a secret of its own, the agent takes none", () => {
    for (const given of ["", secret, "undefined"]) expect(admit({ uid: 1000, secret: undefined }, own, given).kind).toBe("refused");
  });

  it("where there are no user ids, only the secret opens", () => {
    expect(admit({ uid: undefined, secret }, undefined, undefined).kind).toBe("refused");
    expect(admit({ uid: undefined, secret }, own, undefined).kind).toBe("refused");
    expect(admit({ uid: undefined, secret }, undefined, secret).kind).toBe("admitted");
  });
});
