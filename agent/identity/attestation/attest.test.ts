import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Evidence, makeChallenge, ProofFailed, verifyEvidence } from "../../attestation/index.ts";
import { TellingLogger, tickingClock as clock } from "../../testing/index.ts";
import { Identities } from "../identities.ts";
import { ecP256, makePki, makeRoom } from "../pki.suite.ts";
import { makeSoftHsm } from "../soft-hsm.suite.ts";
import { makeSoftTpm, type SoftTpm } from "../../testing/index.ts";
import { answerChallenge } from "./tpm-evidence.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const addonPath = path.join(root, "out/native/token-key.node");
const room = makeRoom();
const at = (file: string) => path.join(room.dir, file);
const nonce = "8f2b6c1d9e0a4b77";
const run = (tool: string, ...args: readonly string[]) =>
  execFileSync(tool, args, { cwd: room.dir, stdio: ["ignore", "pipe", "pipe"] }).toString();
const certificatesIn = (file: string) => new X509Certificate(fs.readFileSync(file));

let tpm: SoftTpm;
let identities: Identities;
let makers: X509Certificate[];
let evidence: Extract<Evidence, { readonly kind: "tpm" }>;

/** swtpm's own authority of TPM makers. */
function makeManufacturer(): void {
  const ca = at("maker");
  for (const folder of [ca, at("tpm")]) fs.mkdirSync(folder, { recursive: true });
  const options = ["--platform-manufacturer Lab", "--platform-version 1", "--platform-model swtpm", ""].join("\n");
  fs.writeFileSync(at("localca.options"), options);
  const files = [
    `statedir = ${ca}`,
    `signingkey = ${ca}/signkey.pem`,
    `issuercert = ${ca}/issuercert.pem`,
    `certserial = ${ca}/serial`,
    "",
  ];
  fs.writeFileSync(at("localca.conf"), files.join("\n"));
  const program = ["/usr/bin/swtpm_localca", "/usr/share/swtpm/swtpm-localca"].find((file) => fs.existsSync(file)) ?? "swtpm_localca";
  const setup = [
    `create_certs_tool = ${program}`,
    `create_certs_tool_config = ${at("localca.conf")}`,
    `create_certs_tool_options = ${at("localca.options")}`,
    "",
  ];
  fs.writeFileSync(at("setup.conf"), setup.join("\n"));
  run(
    "swtpm_setup",
    "--tpm2",
    "--tpmstate",
    at("tpm"),
    "--config",
    at("setup.conf"),
    "--create-ek-cert",
    "--pcr-banks",
    "sha256",
    "--overwrite",
  );
  makers = [certificatesIn(path.join(ca, "issuercert.pem")), certificatesIn(path.join(ca, "swtpm-localca-rootca-cert.pem"))];
}

/** A key that is made in the TPM by its own tools, and then linked into the token: only so its context is at hand for TPM2_Certify. */
function makeLinkedKey(): void {
  const parent = `0x${/esys-tr: (\S{8})/.exec(run("tpm2_ptool", "listprimaries"))?.[1] ?? ""}`;
  const attributes = "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign";
  fs.writeFileSync(at("key.auth"), "keyauth", { mode: 0o600 });
  run("tpm2_create", "-C", parent, "-G", "ecc256", "-g", "sha256", "-u", "key.pub", "-r", "key.priv", "-a", attributes, "-p", "keyauth");
  run("tpm2_load", "-C", parent, "-u", "key.pub", "-r", "key.priv", "-c", "key.ctx");
  run(
    "tpm2_ptool",
    "link",
    "--label",
    tpm.label,
    "--userpin",
    tpm.pin,
    "--key-label",
    "attested",
    "--id",
    "13",
    "--auth",
    "keyauth",
    "key.pub",
    "key.priv",
  );
}

beforeAll(async () => {
  execFileSync(process.execPath, [path.join(root, "build/scripts/native.mjs")]);
  makeManufacturer();
  tpm = await makeSoftTpm(room.dir);
  makeLinkedKey();
  const hsm = makeSoftHsm(room.dir, "yubi");
  identities = new Identities({
    clock,
    logger: new TellingLogger(),
    askPin: ({ token }) => Promise.resolve(Buffer.from(token === "yubi" ? hsm.pin : tpm.pin)),
    announceTouch: () => undefined,
    addonPath,
  });
  identities.update([
    { kind: "tpm2", name: "laptop", token: tpm.label, label: "attested" },
    { kind: "pkcs11", name: "security-key", uri: "pkcs11:token=yubi;object=slot-9a", modulePath: hsm.modulePath },
    { kind: "file", name: "file", certPath: "/none", keyPath: "/none" },
  ]);
  const made = await identities.attest("laptop", nonce, { contextPath: at("key.ctx"), authPath: at("key.auth") });
  if (made.kind !== "tpm") throw new Error("not a TPM's");
  evidence = made;
}, 120_000);
afterAll(async () => {
  await identities.close();
  await tpm.stop();
  room.remove();
});

const judge = (
  one: Evidence,
  more: { readonly nonce?: string; readonly roots?: readonly X509Certificate[]; readonly pcrs?: ReadonlyMap<number, string> } = {},
) => verifyEvidence(one, { nonce, roots: makers, now: Date.now(), ...more });

/** The same with one bit of one part turned. */
function flipped(base64: string, place = 0.5): string {
  const bytes = Buffer.from(base64, "base64");
  const index = Math.floor(bytes.length * place);
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  return bytes.toString("base64");
}

describe("evidence of a software TPM", () => {
  it("proves maker, PCRs, freshness and that the key cannot leave", () => {
    const { ok, proven, notProven } = judge(evidence);
    expect(ok).toBe(true);
    expect(proven).toHaveLength(5);
    expect(proven.join(" ")).toMatch(/for this nonce.*vouches for.*PCRs 0, 1, 2, 3, 4, 5, 6, 7.*cannot leave it/);
    expect(notProven).toEqual(["That attestation key and endorsement key are in one TPM, until the challenge is answered."]);
  });

  it("says what it does not prove", () => {
    const { certify: _certify, ekCertificate: _certificate, ...less } = evidence;
    expect(verifyEvidence(less, { roots: [], now: Date.now() }).notProven).toHaveLength(4);
  });

  it.each([
    ["another nonce", () => judge(evidence, { nonce: "0000000000000000" }), /another nonce/],
    ["roots of somebody else", () => judge(evidence, { roots: [] }), /nobody who is trusted/],
    ["a PCR that is not as it must be", () => judge(evidence, { pcrs: new Map([[7, "11".repeat(32)]]) }), /PCR 7 is/],
    [
      "values that were not quoted",
      () => judge({ ...evidence, quote: { ...evidence.quote, values: flipped(evidence.quote.values) } }),
      /PCRs are not/,
    ],
    [
      "a quote with a bit turned",
      () => judge({ ...evidence, quote: { ...evidence.quote, message: flipped(evidence.quote.message) } }),
      /not signed/,
    ],
    [
      "a signature with a bit turned",
      () => judge({ ...evidence, quote: { ...evidence.quote, signature: flipped(evidence.quote.signature) } }),
      /not signed/,
    ],
    ["a request with a bit turned", () => judge({ ...evidence, request: flipped(evidence.request, 0.4) }), /request/],
    ["an endorsement key as attestation key", () => judge({ ...evidence, akPublic: evidence.ekPublic }), /restricted signing key/],
    [
      "an unrestricted key as attestation key",
      () => judge({ ...evidence, akPublic: evidence.certify?.public ?? "" }),
      /restricted signing key/,
    ],
    ["the certificate of another TPM", () => judge({ ...evidence, ekPublic: evidence.akPublic }), /another key/],
  ])("is refused with %s", (_what, attempt, words) => {
    expect(attempt).toThrow(ProofFailed);
    expect(attempt).toThrow(words);
  });

  it("is completed by the answer that only this TPM can give", async () => {
    const { challenge, answer } = makeChallenge(evidence);
    expect(await answerChallenge(challenge)).toBe(answer);
    const changed = Buffer.from(challenge.credential, "base64");
    changed[40] = (changed[40] ?? 0) ^ 1;
    await expect(answerChallenge({ ...challenge, credential: changed.toString("base64") })).rejects.toMatchObject({
      code: "IDENTITY_MODULE",
    });
  });
});

describe("evidence of a security key", () => {
  it("is the attestation of its slot, and nothing when there is none", async () => {
    const desk = identities.desk("security-key");
    const { request } = await desk.request({ algorithm: "ec-p256", wanted: { commonName: "slot" } });
    await expect(identities.attest("security-key", nonce)).rejects.toThrow(/shows no attestation/);
    // A synthetic maker: no device is here, but its certificates have the same form.
    makePki(room.dir);
    fs.writeFileSync(at("slot.der"), request);
    const extensions = "1.3.6.1.4.1.41482.3.3=DER:05:07:01\n1.3.6.1.4.1.41482.3.7=DER:02:04:01:02:03:04\n1.3.6.1.4.1.41482.3.8=DER:02:03\n";
    fs.writeFileSync(at("slot.ext"), extensions);
    fs.writeFileSync(at("f9.ext"), "basicConstraints=critical,CA:TRUE\n");
    run("openssl", "req", ...ecP256, "-nodes", "-keyout", "f9.key", "-out", "f9.csr", "-subj", "/CN=Attestation F9");
    run(
      "openssl",
      "x509",
      "-req",
      "-in",
      "f9.csr",
      "-CA",
      "devices.pem",
      "-CAkey",
      "devices.key",
      "-days",
      "2",
      "-extfile",
      "f9.ext",
      "-out",
      "f9.pem",
    );
    run(
      "openssl",
      "x509",
      "-req",
      "-inform",
      "der",
      "-in",
      "slot.der",
      "-CA",
      "f9.pem",
      "-CAkey",
      "f9.key",
      "-days",
      "2",
      "-extfile",
      "slot.ext",
      "-out",
      "slot.pem",
    );
    await desk.install([certificatesIn(at("slot.pem")), certificatesIn(at("f9.pem"))]);

    const made = await identities.attest("security-key", nonce);
    const roots = [certificatesIn(at("devices.pem"))];
    expect(judge(made, { roots }).proven.join(" ")).toMatch(
      /serial 16909060, firmware 5\.7\.1.*CN=devices vouches.*asked for: once.*touched: cached/,
    );
    expect(() => judge(made)).toThrow(/nobody who is trusted/);
    expect(() => judge(made, { roots, nonce: "0000000000000000" })).toThrow(/another nonce/);
    expect(() => judge({ ...made, request: evidence.request }, { roots })).toThrow(/another key/);
  });

  it("is none for a key in a file", async () => {
    await expect(identities.attest("file", nonce)).rejects.toThrow(/proves nothing about hardware/);
  });
});
