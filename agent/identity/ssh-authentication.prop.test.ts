import { createHash, generateKeyPairSync, randomBytes, verify, type X509Certificate } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSshAuthentication, type SshAlgorithm, sshAlgorithms } from "./ssh-authentication.ts";
import { sshKeyOf } from "./ssh-key.ts";
import { signHere, type SigningRequest, whyNotSigned } from "./signing.ts";

function strings(...parts: readonly (string | Buffer | number)[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      if (typeof part === "number") return [Buffer.of(part)];
      const length = Buffer.alloc(4);
      length.writeUInt32BE(Buffer.from(part).length);
      return [length, Buffer.from(part)];
    }),
  );
}

const blob = (algorithm: string) => strings(algorithm.startsWith("rsa-") ? "ssh-rsa" : algorithm, randomBytes(40));
interface Parts {
  readonly session?: Buffer;
  readonly type?: number;
  readonly service?: string;
  readonly method?: string;
  readonly flag?: number;
  readonly key?: Buffer;
}
function request(algorithm: string, parts: Parts = {}): Buffer {
  const { session = randomBytes(32), type = 50, service = "ssh-connection", method = "publickey", flag = 1, key = blob(algorithm) } = parts;
  return strings(session, type, "joe", service, method, flag, algorithm, key);
}
const algorithms = Object.keys(sshAlgorithms) as SshAlgorithm[];

describe("a key signs a login at an SSH server", () => {
  it.each(algorithms)("by %s, hashed and padded as the request says", (algorithm) => {
    const message = request(algorithm);
    const { keyType, digest, padding } = sshAlgorithms[algorithm];
    expect(parseSshAuthentication(message)?.algorithm).toBe(algorithm);
    expect(whyNotSigned({ digest, padding, message }, keyType)).toBeUndefined();
    expect(whyNotSigned({ digest: digest === "sha512" ? "sha256" : "sha512", padding, message }, keyType)).toBeDefined();
    expect(whyNotSigned({ digest, padding: padding === "none" ? "pkcs1" : "pss", message }, keyType)).toBeDefined();
    expect(whyNotSigned({ digest, padding, message }, keyType === "ec" ? "rsa" : "ec")).toBeDefined();
  });
});

describe("a key never signs", () => {
  it("arbitrary bytes as a login", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => parseSshAuthentication(bytes) === undefined));
  });

  it("a login that is torn, or has something behind it", () => {
    const good = request("ecdsa-sha2-nistp256");
    for (let length = 0; length < good.length; length += 1) expect(parseSshAuthentication(good.subarray(0, length))).toBeUndefined();
    expect(parseSshAuthentication(Buffer.concat([good, Buffer.of(0)]))).toBeUndefined();
  });

  it("a login with any field that is not as it must be", () => {
    const wrong: readonly Parts[] = [
      { session: Buffer.alloc(0) },
      { session: randomBytes(33) },
      { type: 51 },
      { service: "ssh-userauth" },
      { method: "hostbased" },
      { flag: 0 },
      { flag: 2 },
      { key: blob("ecdsa-sha2-nistp384") },
    ];
    for (const parts of wrong) expect(parseSshAuthentication(request("ecdsa-sha2-nistp256", parts))).toBeUndefined();
    for (const algorithm of ["ssh-rsa", "ssh-ed25519", "ssh-dss", "toString"])
      expect(parseSshAuthentication(request(algorithm))).toBeUndefined();
  });

  it("whatever byte of a good request is another one, unless it is still a login in every field", () => {
    const good = request("ecdsa-sha2-nistp256");
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = Buffer.from(good);
        bytes.writeUInt8(bytes.readUInt8(at) ^ change, at);
        const asked = parseSshAuthentication(bytes);
        return asked === undefined || asked.algorithm === "ecdsa-sha2-nistp256";
      }),
    );
  });
});

describe("an identity's key for SSH", () => {
  it.each(["ec", "rsa"] as const)("signs for itself (%s), and for no other key", async (kind) => {
    const { privateKey, publicKey } =
      kind === "ec" ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("rsa", { modulusLength: 2048 });
    const key = sshKeyOf("laptop", {
      chain: [{ publicKey } as X509Certificate],
      sign: (asked: SigningRequest) => Promise.resolve(signHere(privateKey, asked)),
    });
    const algorithm = kind === "ec" ? "ecdsa-sha2-nistp256" : "rsa-sha2-512";
    const message = request(algorithm, { key: key.publicKey });
    expect(verify(sshAlgorithms[algorithm].digest, message, publicKey, await key.sign(message))).toBe(true);
    await expect(key.sign(request(algorithm))).rejects.toMatchObject({ code: "IDENTITY_REFUSED" });
    await expect(key.sign(createHash("sha256").digest())).rejects.toMatchObject({ code: "IDENTITY_REFUSED" });
  });
});
