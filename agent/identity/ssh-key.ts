import type { KeyObject } from "node:crypto";
import { AgentError } from "../base/index.ts";
import type { ClientKey } from "./key-store.ts";
import { parseSshAuthentication, sshAlgorithms } from "./ssh-authentication.ts";

/** An identity's key, to log in at SSH servers. */
export interface SshIdentityKey {
  /** As it travels (RFC 4253 section 6.6, RFC 5656 section 3.1). */
  readonly publicKey: Buffer;
  /** Signs an authentication request (RFC 4252 section 7) for this key; ECDSA as DER. Rejects with AgentError for anything else. */
  readonly sign: (request: Uint8Array) => Promise<Buffer>;
}

/** SECURITY: the request says how it is signed and with which key; both are looked at here, and the form again where the key lies. */
export function sshKeyOf(name: string, key: Pick<ClientKey, "chain" | "sign">): SshIdentityKey {
  const publicKey = encodePublicKey(key.chain[0].publicKey);
  if (publicKey === undefined) throw new AgentError("IDENTITY_KEY", `identity \`${name}\`: SSH has no use for this kind of key`);
  return {
    publicKey,
    sign: (request) => {
      const asked = parseSshAuthentication(request);
      if (asked === undefined || !asked.publicKey.equals(publicKey))
        return Promise.reject(new AgentError("IDENTITY_REFUSED", `identity \`${name}\`: this is no request for this key`));
      const { digest, padding } = sshAlgorithms[asked.algorithm];
      return key.sign({ digest, padding, message: request });
    },
  };
}

const curves: Readonly<Record<string, string>> = { "P-256": "nistp256", "P-384": "nistp384" };

/** Of the kinds that identities have: elliptic curves and RSA. */
function encodePublicKey(key: KeyObject): Buffer | undefined {
  const { kty, crv = "", x, y, e, n } = key.export({ format: "jwk" });
  const curve = curves[crv];
  if (kty === "EC" && curve !== undefined && x !== undefined && y !== undefined) {
    const point = Buffer.concat([Buffer.of(4), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
    return strings(Buffer.from(`ecdsa-sha2-${curve}`), Buffer.from(curve), point);
  }
  if (kty === "RSA" && e !== undefined && n !== undefined) return strings(Buffer.from("ssh-rsa"), mpint(e), mpint(n));
  return undefined;
}

/** RFC 4251 section 5: positive, so that a first bit needs a zero before it. */
function mpint(base64: string): Buffer {
  const bytes = Buffer.from(base64, "base64url");
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}

function strings(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    }),
  );
}
