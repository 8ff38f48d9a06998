import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Challenge, Evidence } from "../../attestation/index.ts";
import { createRunTpmTool, type RunTpmTool } from "./run-tpm-tool.ts";

/** A key of the TPM beside the token, for the TPM's own word about it. */
export interface CertifiedKey {
  /** Context file of tpm2-tools. */
  readonly contextPath: string;
  /** File with the key's password; absent: it has none. */
  readonly authPath?: string;
}

type TpmEvidence = Extract<Evidence, { readonly kind: "tpm" }>;

/** Where TPM makers put the certificate of the RSA endorsement key (TCG EK Credential Profile section 2.2.1.4). */
const ekCertificateIndex = "0x1c00002";
/** Firmware, boot loader, Secure Boot: what TCG assigns. */
const pcrs = "sha256:0,1,2,3,4,5,6,7";

/** The TPM's part of a proof for `request`, by tpm2-tools. Rejects with AgentError (IDENTITY_MODULE). */
export function collectTpmEvidence(identity: string, request: Buffer, certified?: CertifiedKey): Promise<TpmEvidence> {
  return inFolder(async ({ run, read, at }) => {
    await run("tpm2_createek", ["-c", "ek.ctx", "-G", "rsa", "-u", "ek.pub"]);
    const ekCertificate = await run("tpm2_nvread", [ekCertificateIndex, "-o", "ek.der"]).then(
      () => read("ek.der"),
      () => undefined,
    );
    const attestor = ["-G", "ecc", "-g", "sha256", "-s", "ecdsa", "-u", "ak.pub", "-r", "ak.priv"];
    await run("tpm2_createak", ["-C", "ek.ctx", "-c", "ak.ctx", ...attestor]);
    const nonce = createHash("sha256").update(request).digest("hex");
    const quoted = ["-m", "quote.msg", "-s", "quote.sig", "-o", "quote.pcrs", "-F", "values", "-g", "sha256"];
    await run("tpm2_quote", ["-c", "ak.ctx", "-l", pcrs, "-q", nonce, ...quoted]);
    const certify = certified === undefined ? undefined : await certifyKey(certified, { run, read, at });
    return {
      kind: "tpm",
      identity,
      request: request.toString("base64"),
      ...(ekCertificate === undefined ? {} : { ekCertificate: trimDer(Buffer.from(ekCertificate, "base64")).toString("base64") }),
      ekPublic: await read("ek.pub"),
      akPublic: await read("ak.pub"),
      akPrivate: await read("ak.priv"),
      quote: { message: await read("quote.msg"), signature: await read("quote.sig"), values: await read("quote.pcrs") },
      ...(certify === undefined ? {} : { certify }),
    };
  });
}

/** What the challenge hides, hex: the TPM tells it only when it holds both keys. Rejects with AgentError (IDENTITY_MODULE). */
export function answerChallenge({ akPublic, akPrivate, credential }: Challenge): Promise<string> {
  return inFolder(async ({ run, at }) => {
    for (const [file, content] of [
      ["ak.pub", akPublic],
      ["ak.priv", akPrivate],
      ["credential", credential],
    ] as const)
      await writeFile(at(file), Buffer.from(content, "base64"), { mode: 0o600 });
    await run("tpm2_createek", ["-c", "ek.ctx", "-G", "rsa"]);
    await withEndorsement(run, (session) =>
      run("tpm2_load", ["-C", "ek.ctx", "-u", "ak.pub", "-r", "ak.priv", "-c", "ak.ctx", "-P", session]),
    );
    await withEndorsement(run, (session) =>
      run("tpm2_activatecredential", ["-c", "ak.ctx", "-C", "ek.ctx", "-i", "credential", "-o", "answer", "-P", session]),
    );
    return (await readFile(at("answer"))).toString("hex");
  });
}

/** An endorsement key is used by leave of the endorsement hierarchy only (policysecret). */
async function withEndorsement(run: RunTpmTool, use: (session: string) => Promise<void>): Promise<void> {
  await run("tpm2_startauthsession", ["--policy-session", "-S", "session.ctx"]);
  try {
    await run("tpm2_policysecret", ["-S", "session.ctx", "-c", "e"]);
    await use("session:session.ctx");
  } finally {
    await run("tpm2_flushcontext", ["session.ctx"]);
  }
}

async function certifyKey({ contextPath, authPath }: CertifiedKey, { run, read }: Folder): Promise<NonNullable<TpmEvidence["certify"]>> {
  const key = path.resolve(contextPath);
  const auth = authPath === undefined ? [] : ["-P", `file:${path.resolve(authPath)}`];
  await run("tpm2_readpublic", ["-c", key, "-o", "key.pub"]);
  await run("tpm2_certify", ["-c", key, ...auth, "-C", "ak.ctx", "-g", "sha256", "-o", "certify.msg", "-s", "certify.sig"]);
  return { public: await read("key.pub"), message: await read("certify.msg"), signature: await read("certify.sig") };
}

interface Folder {
  readonly run: RunTpmTool;
  /** Base64. */
  read(file: string): Promise<string>;
  at(file: string): string;
}

/** Contexts are files with tpm2-tools: they live in a folder of our own until the answer is there. */
async function inFolder<T>(work: (folder: Folder) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(path.join(os.tmpdir(), "portail-attest-"));
  const at = (file: string): string => path.join(dir, file);
  try {
    return await work({ run: createRunTpmTool(dir), at, read: async (file) => (await readFile(at(file))).toString("base64") });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Some makers fill the place of a certificate up to its full size. */
function trimDer(bytes: Buffer): Buffer {
  return bytes[0] === 0x30 && bytes[1] === 0x82 ? bytes.subarray(0, bytes.readUInt16BE(2) + 4) : bytes;
}
