import { createPublicKey, generateKeyPair, type KeyObject, sign } from "node:crypto";
import { stat } from "node:fs/promises";
import { promisify } from "node:util";
import { formatCause } from "../../base/index.ts";
import { writeFileAtomically } from "../../platform/index.ts";
import { certificateRequest, requestInfo, type WantedCertificate } from "../token/certificate-request.ts";
import type { KeyAlgorithm } from "../token/messages.ts";
import { type FileOwner, keyFailure, readPrivateKey } from "./read-key-files.ts";

/** A request for a certificate, signed by the key that it is for. */
export interface MadeRequest {
  /** PKCS#10, DER. */
  readonly request: Buffer;
  readonly publicKey: KeyObject;
  /** Whether the key was made for it. */
  readonly isNewKey: boolean;
}

export interface KeyWish {
  /** Of the key, when one is made. */
  readonly algorithm: KeyAlgorithm;
  readonly wanted: WantedCertificate;
  /** No key is made: it is about the one that is there. */
  readonly onlyExisting?: true;
}

/**
 * For the key in a file, which is made when there is none: the agent's user alone can read it. A key without a certificate harms nobody,
 * and the next attempt uses it.
 */
export async function requestFromFile(
  keyPath: string,
  owner: FileOwner,
  { algorithm, wanted, onlyExisting }: KeyWish,
): Promise<MadeRequest> {
  const isNewKey = await stat(keyPath).then(
    () => false,
    () => true,
  );
  if (isNewKey && onlyExisting === true)
    throw keyFailure(owner.name, `there is no key yet: \`portail identity enroll ${owner.name}\` makes one and asks for its certificate`);
  const key = isNewKey ? await makeKey(keyPath, owner, algorithm) : await readPrivateKey(keyPath, owner);
  const type = key.asymmetricKeyType;
  if (type !== "ec" && type !== "rsa") throw keyFailure(owner.name, `a key of type ${type ?? "unknown"} is not enrolled`);
  const publicKey = createPublicKey(key);
  const info = requestInfo(wanted, publicKey);
  return { request: certificateRequest(info, type, sign("sha256", info, key)), publicKey, isNewKey };
}

const generate = promisify(generateKeyPair);

async function makeKey(keyPath: string, { name }: FileOwner, algorithm: KeyAlgorithm): Promise<KeyObject> {
  const { privateKey } = algorithm.startsWith("ec")
    ? await generate("ec", { namedCurve: algorithm === "ec-p384" ? "P-384" : "P-256" })
    : await generate("rsa", { modulusLength: algorithm === "rsa-3072" ? 3072 : 2048 });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  await writeFileAtomically(keyPath, pem).catch((cause: unknown) => {
    throw keyFailure(name, `the new key cannot be written: ${formatCause(cause)}`, cause);
  });
  return privateKey;
}
