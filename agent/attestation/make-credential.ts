import { constants, createCipheriv, createHmac, createHash, publicEncrypt, randomBytes } from "node:crypto";
import { ProofFailed } from "./proof-failed.ts";
import type { TpmPublic } from "./tpm-public.ts";

/**
 * TPM2_MakeCredential without a TPM (part 1 section 24): only the TPM that holds both the endorsement key and the object called `name`
 * gets `secret` out again. The answer has the form of the files of tpm2-tools.
 */
export function makeCredential(endorsement: TpmPublic, name: Buffer, secret: Buffer): Buffer {
  const { key, nameHash } = endorsement;
  if (key.asymmetricKeyType !== "rsa") throw new ProofFailed("an endorsement key that is not RSA is not served");
  const seed = randomBytes(createHash(nameHash).digest().length);
  const encrypted = publicEncrypt(
    { key, oaepHash: nameHash, oaepLabel: Buffer.from("IDENTITY\0"), padding: constants.RSA_PKCS1_OAEP_PADDING },
    seed,
  );
  const cipher = createCipheriv(
    "aes-128-cfb",
    kdfa({ hash: nameHash, key: seed, label: "STORAGE", context: name, bits: 128 }),
    Buffer.alloc(16),
  );
  const hidden = Buffer.concat([cipher.update(sized(secret)), cipher.final()]);
  const seal = kdfa({ hash: nameHash, key: seed, label: "INTEGRITY", context: Buffer.alloc(0), bits: seed.length * 8 });
  const mac = createHmac(nameHash, seal).update(hidden).update(name).digest();
  return Buffer.concat([Buffer.from("badcc0de00000001", "hex"), sized(Buffer.concat([sized(mac), hidden])), sized(encrypted)]);
}

interface Derivation {
  readonly hash: string;
  readonly key: Buffer;
  readonly label: string;
  readonly context: Buffer;
  readonly bits: number;
}

/** Part 1 section 11.4.10.2: SP 800-108 in counter mode. One block is enough for both uses. */
function kdfa({ hash, key, label, context, bits }: Derivation): Buffer {
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32BE(1, 0);
  numbers.writeUInt32BE(bits, 4);
  const mac = createHmac(hash, key).update(numbers.subarray(0, 4)).update(`${label}\0`).update(context).update(numbers.subarray(4));
  return mac.digest().subarray(0, bits / 8);
}

function sized(content: Buffer): Buffer {
  const size = Buffer.alloc(2);
  size.writeUInt16BE(content.length);
  return Buffer.concat([size, content]);
}
