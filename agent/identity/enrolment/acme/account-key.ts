import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { AgentError, formatCause } from "../../../base/index.ts";
import { writeFileAtomically } from "../../../platform/index.ts";

/** The key by which an authority knows us, made when there is none. Rejects with AgentError (ENROL_LOGIN). */
export async function accountKeyAt(file: string): Promise<KeyObject> {
  const pem = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw new AgentError("ENROL_LOGIN", `the key of the account cannot be read: ${formatCause(cause)}`, { cause });
  });
  if (pem === undefined) return makeKey(file);
  const key = parse(pem);
  if (key?.asymmetricKeyDetails?.namedCurve !== "prime256v1") throw new AgentError("ENROL_LOGIN", `${file} holds no key of P-256`);
  return key;
}

function parse(pem: Buffer): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

async function makeKey(file: string): Promise<KeyObject> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await writeFileAtomically(file, privateKey.export({ type: "pkcs8", format: "pem" })).catch((cause: unknown) => {
    throw new AgentError("ENROL_LOGIN", `the key of the account cannot be written: ${formatCause(cause)}`, { cause });
  });
  return privateKey;
}
