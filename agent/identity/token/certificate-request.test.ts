import { execFileSync } from "node:child_process";
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { expect, it } from "vitest";
import { certificateRequest, formatPem, requestInfo, type WantedCertificate } from "./certificate-request.ts";

/** What the openssl program reads in a request made here, which it also verifies. */
function readBack(wanted: WantedCertificate): string {
  const { privateKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const key = createPrivateKey(privateKey);
  const info = requestInfo(wanted, createPublicKey(key));
  const pem = formatPem("CERTIFICATE REQUEST", certificateRequest(info, "ec", sign("sha256", info, key)));
  return execFileSync("openssl", ["req", "-noout", "-verify", "-text", "-nameopt", "RFC2253"], { input: pem, stdio: "pipe" }).toString();
}

it("asks for a subject and for alternative names of every kind", () => {
  const text = readBack({
    commonName: "Zoë's laptop",
    organization: "Corp",
    unit: "Field",
    country: "FR",
    names: ["dns:laptop.corp.example", "email:zoe@corp.example", "uri:spiffe://corp.example/zoe", "ip:192.0.2.7", "ip:2001:db8::7"],
  });
  expect(text).toContain("CN=Zo\\C3\\AB's laptop,OU=Field,O=Corp,C=FR");
  expect(text).toContain(
    "DNS:laptop.corp.example, email:zoe@corp.example, URI:spiffe://corp.example/zoe, IP Address:192.0.2.7, IP Address:2001:DB8:0:0:0:0:0:7",
  );
});

it("asks for no names when none are wanted", () => {
  expect(readBack({ commonName: "laptop" })).not.toContain("Alternative");
});
