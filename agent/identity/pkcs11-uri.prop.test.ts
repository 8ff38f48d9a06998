import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatPkcs11Uri, parsePkcs11Uri } from "./pkcs11-uri.ts";

const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 32 }).filter((text) => text.isWellFormed());
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const uri = fc
  .record({
    label: maybe(word),
    serial: maybe(word),
    manufacturer: maybe(word),
    model: maybe(word),
    slot: maybe(fc.nat()),
    object: maybe(word),
    id: maybe(fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString("hex"))),
  })
  .map(({ label, serial, manufacturer, model, slot, object, id }) => ({
    token: present({ label, serial, manufacturer, model, slot }),
    key: present({ label: object, id }),
  }));

function present<T extends object>(record: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as never;
}

describe("a PKCS#11 URI", () => {
  it("that was written is read as the same", () => {
    fc.assert(
      fc.property(uri, (one) => {
        expect(parsePkcs11Uri(formatPkcs11Uri(one))).toEqual({ kind: "uri", uri: one });
      }),
    );
  });

  it("is never the reason for a throw, whatever its text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => ["uri", "bad"].includes(parsePkcs11Uri(`pkcs11:${text}`).kind)));
    fc.assert(fc.property(fc.string(), (text) => ["uri", "bad"].includes(parsePkcs11Uri(text).kind)));
  });

  it.each([
    ["pkcs11:token=The%20Software%20PKCS%2311%20softtoken;object=my-certificate;id=%69%95", "The Software PKCS#11 softtoken"],
    ["pkcs11:token=portail;type=private", "portail"],
  ])("%s picks a token by its label", (text, label) => {
    expect(parsePkcs11Uri(text)).toMatchObject({ kind: "uri", uri: { token: { label } } });
  });

  it.each([
    ["pkcs11:token=a?pin-value=1234", /PIN does not belong/],
    ["pkcs11:token=a?pin-source=file:/x", /PIN does not belong/],
    ["pkcs11:token=a?module-path=/x.so", /`module`/],
    ["pkcs11:token=a;token=b", /twice/],
    ["pkcs11:color=red", /not an attribute/],
    ["pkcs11:token=%zz", /percent/],
    ["pkcs11:token=%ff", /percent/],
    ["pkcs11:slot-id=x", /number/],
    ["pkcs11:type=secret-key", /type/],
    ["file:token=a", /begin/],
  ])("%s is refused with a reason", (text, why) => {
    const parsed = parsePkcs11Uri(text);
    expect(parsed.kind === "bad" && parsed.why).toMatch(why);
  });
});
