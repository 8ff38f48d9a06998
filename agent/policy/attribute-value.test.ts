import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAttributeValue, vocabulary } from "./index.ts";

const parse = (path: string, text: string) => parseAttributeValue({ attributes: vocabulary }, path, text);
const known = (value: unknown) => ({ fact: { kind: "known", value, source: "given" } });

describe("a value on the command line", () => {
  it.each([
    ["user.groups", "eng,staff", ["eng", "staff"]],
    ["user.groups", '["eng", "staff"]', ["eng", "staff"]],
    ["client.exe", "/usr/bin/curl", "/usr/bin/curl"],
    ["client.exe", '"/usr/bin/curl"', "/usr/bin/curl"],
    ["request.host", "GIT.corp.example.", "git.corp.example"],
    ["device.patch_age", "30d", 30 * 86_400_000],
    ["device.managed", "true", true],
    ["device.trust", "3", 3],
  ])("%s=%s", (path, text, value) => {
    expect(parse(path, text)).toEqual(known(value));
  });

  it("may be unknown or absent", () => {
    expect(parse("geo.country", "unknown")).toMatchObject({ fact: { kind: "unknown" } });
    expect(parse("request.sni", "absent")).toEqual({ fact: { kind: "absent" } });
  });

  it("of the wrong type, or of an attribute that nobody knows, is a problem with a hint", () => {
    expect(parse("device.trust", "high")).toEqual({ problem: "expected a value of type int" });
    expect(parse("device.trsut", "3")).toEqual({ problem: "the policy knows no attribute 'device.trsut', did you mean 'device.trust'?" });
  });

  it("never throws, whatever the text", () => {
    fc.assert(fc.property(fc.constantFrom(...vocabulary.keys()), fc.string(), (path, text) => void parse(path, text)));
  });
});
