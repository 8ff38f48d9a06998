import { createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { algorithmOf, isNamed, knownHostName, parseKnownHosts } from "./known-hosts.ts";

function keyOf(algorithm: string, body: Buffer = randomBytes(32)): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(algorithm.length);
  return Buffer.concat([length, Buffer.from(algorithm), body]);
}

const hashed = (name: string): string => {
  const salt = randomBytes(20);
  return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
};
const label = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,12}$/);
const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
const port = fc.integer({ min: 1, max: 65535 });
const bytes = fc.uint8Array({ minLength: 1, maxLength: 80 }).map((one) => Buffer.from(one));

describe("a known_hosts file", () => {
  it("is read back as it was written, line by line, whatever stands around", () => {
    fc.assert(
      fc.property(host, port, bytes, fc.constantFrom("", "@revoked ", "@cert-authority "), (name, at, body, marker) => {
        const key = keyOf("ssh-ed25519", body);
        const text = `# ${name}\n\n \t${marker}${knownHostName({ host: name, port: at })} ssh-ed25519\t${key.toString("base64")} a comment\r\n`;
        const [line, ...more] = parseKnownHosts(text);
        expect(more).toEqual([]);
        expect(line).toMatchObject({ algorithm: "ssh-ed25519", line: 3, marker: marker === "" ? "none" : marker.trim().slice(1) });
        expect(line?.key?.equals(key)).toBe(true);
        expect(line !== undefined && isNamed(line, knownHostName({ host: name, port: at }))).toBe(true);
      }),
    );
  });

  it("never makes the reader fail, and no torn line becomes a key", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        for (const { algorithm, key } of parseKnownHosts(text)) expect(key === undefined || algorithmOf(key) === algorithm).toBe(true);
      }),
    );
  });

  it("keeps lines that it cannot read, so that they are not taken for nothing", () => {
    const key = keyOf("ssh-ed25519").toString("base64");
    for (const line of ["h ssh-rsa", `h ssh-rsa ${key}`, "h ssh-ed25519 %%%", `@what h ssh-ed25519 ${key}`, "h 1024 35 1234567890"]) {
      const [one] = parseKnownHosts(line);
      expect(one !== undefined && (one.key === undefined || one.marker === "unknown")).toBe(true);
    }
  });
});

describe("a line speaks of a server", () => {
  it("by its hash, which names no other", () => {
    fc.assert(
      fc.property(host, host, port, (one, other, at) => {
        const names = hashed(knownHostName({ host: one, port: at }));
        expect(isNamed({ names }, knownHostName({ host: one, port: at }))).toBe(true);
        if (one !== other) expect(isNamed({ names }, knownHostName({ host: other, port: at }))).toBe(false);
      }),
    );
  });

  it("by patterns as a reference that tries everything would, and a negated one always wins", () => {
    const pattern = fc.stringMatching(/^[ab*?.]{0,8}$/);
    fc.assert(
      fc.property(fc.stringMatching(/^[ab.]{0,8}$/), fc.array(pattern, { minLength: 1, maxLength: 3 }), pattern, (name, yes, no) => {
        const slow = (one: string): boolean =>
          new RegExp(`^${one.replaceAll(".", "\\.").replaceAll("*", ".*").replaceAll("?", ".")}$`).test(name);
        expect(isNamed({ names: [...yes, `!${no}`].join(",") }, name)).toBe(yes.some(slow) && !slow(no));
      }),
    );
  });

  it("in time that no pattern can stretch", () => {
    expect(isNamed({ names: `${"*a".repeat(2000)}b` }, "a".repeat(2000))).toBe(false);
  });

  it("by port, and without one only at 22", () => {
    expect(isNamed({ names: "GW.example" }, knownHostName({ host: "gw.Example", port: 22 }))).toBe(true);
    expect(isNamed({ names: "gw.example" }, knownHostName({ host: "gw.example", port: 2222 }))).toBe(false);
    expect(isNamed({ names: "[gw.example]:2222" }, knownHostName({ host: "gw.example", port: 2222 }))).toBe(true);
    expect(isNamed({ names: "[*]:2222,!*.bad" }, knownHostName({ host: "gw.example", port: 2222 }))).toBe(true);
  });
});
