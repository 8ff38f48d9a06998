import { execFileSync } from "node:child_process";
import { createPublicKey, X509Certificate } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AgentError } from "../../base/index.ts";
import { DerMistake } from "../../asn1/index.ts";
import { ecP256, makePki, makeRoom, type Pki } from "../pki.suite.ts";
import { acceptIssued } from "./accept-issued.ts";
import { readCertsOnly } from "./certs-only.ts";
import { refusal } from "./refusal.ts";
import { wishesIn } from "./step-ca.ts";

const room = makeRoom();
let pki: Pki;
beforeAll(() => {
  pki = makePki(room.dir);
});
afterAll(() => room.remove());

describe("a message with certificates", () => {
  it("is read as openssl wrote it", () => {
    const { cert } = pki.makeDevice("packed", ecP256);
    const file = path.join(room.dir, "packed.all");
    fs.writeFileSync(file, cert + pki.deviceCa);
    const der = execFileSync("openssl", ["crl2pkcs7", "-nocrl", "-certfile", file, "-outform", "der"], { stdio: "pipe" });
    expect(readCertsOnly(der).map(({ subject }) => subject)).toEqual(["CN=packed", "CN=devices"]);
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 7 }), (place, bit) => {
        const changed = Buffer.from(der);
        changed[place % der.length] = (changed[place % der.length] ?? 0) ^ (1 << bit);
        expectOnlyMistakes(() => readCertsOnly(changed));
      }),
    );
  });

  it("of any bytes is refused in words", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => expectOnlyMistakes(() => readCertsOnly(bytes))));
  });
});

function expectOnlyMistakes(read: () => unknown): void {
  try {
    read();
  } catch (cause) {
    expect(cause).toBeInstanceOf(DerMistake);
  }
}

describe("a one-time token", () => {
  const token = (claims: unknown) => `x.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.y`;

  it("says what may be asked for", () => {
    const sans = ["laptop.corp.example", "ann@corp.example", "https://corp.example/ann", "spiffe://corp/ann", "192.0.2.7", "2001:db8::7"];
    expect(wishesIn(token({ sub: "laptop", sans }))).toEqual({
      commonName: "laptop",
      names: [
        "dns:laptop.corp.example",
        "email:ann@corp.example",
        "uri:https://corp.example/ann",
        "uri:spiffe://corp/ann",
        "ip:192.0.2.7",
        "ip:2001:db8::7",
      ],
    });
  });

  it("of any text is read or refused", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.jsonValue().map(token)), (text) => {
        try {
          wishesIn(text);
        } catch (cause) {
          expect(cause).toMatchObject({ code: "ENROL_LOGIN" });
        }
      }),
    );
  });
});

describe("the words of a refusal", () => {
  it("are one printable line, whatever the endpoint sends", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.integer({ min: 200, max: 599 }), (body, status) => {
        const { detail, code } = refusal("EST at x", { status, headers: {}, body: Buffer.from(body) });
        expect(detail).toMatch(/^EST at x answered \d+[^\p{Cc}]*$/u);
        expect(code).toMatch(/^ENROL_/);
      }),
    );
  });

  it.each([
    [202, "ENROL_PENDING"],
    [401, "ENROL_LOGIN"],
    [400, "ENROL_REFUSED"],
    [503, "ENROL_UNREACHABLE"],
  ])("with %i are %s", (status, code) => {
    const body = Buffer.from(JSON.stringify({ message: "not\nyou" }));
    expect(refusal("step-ca", { status, headers: {}, body })).toMatchObject({ code, detail: `step-ca answered ${status}: not you` });
  });
});

describe("what was issued", () => {
  const now = Date.now();
  const issued = (name: string) => {
    const certificate = new X509Certificate(pki.makeDevice(name, ecP256).cert);
    return { certificate, publicKey: certificate.publicKey, anchors: [new X509Certificate(pki.deviceCa)] };
  };
  const why = (attempt: () => unknown): string => {
    try {
      attempt();
    } catch (cause) {
      if (cause instanceof AgentError && cause.code === "ENROL_ANSWER") return cause.detail;
      throw cause;
    }
    return "accepted";
  };

  it("is used when it is ours, in time, for clients, and of the authority itself", () => {
    const { certificate, publicKey, anchors } = issued("good");
    const given = { certificates: [certificate, ...anchors], anchors };
    expect(acceptIssued(given, { publicKey, now }).map(({ subject }) => subject)).toEqual(["CN=good"]);
    const day = 86_400_000;
    const other = createPublicKey(issued("other").publicKey.export({ type: "spki", format: "pem" }));
    expect(why(() => acceptIssued(given, { publicKey: other, now }))).toContain("no certificate of our key");
    expect(why(() => acceptIssued(given, { publicKey, now: now + 30 * day }))).toContain("expired");
    expect(why(() => acceptIssued(given, { publicKey, now: now - day }))).toContain("clock");
    expect(why(() => acceptIssued({ ...given, anchors: [new X509Certificate(pki.ca)] }, { publicKey, now }))).toContain("CN=devices");
    const server = new X509Certificate(pki.server.cert);
    const roots = [new X509Certificate(pki.ca)];
    expect(why(() => acceptIssued({ certificates: [server], anchors: roots }, { publicKey: server.publicKey, now }))).toContain(
      "clients may not",
    );
  });
});
