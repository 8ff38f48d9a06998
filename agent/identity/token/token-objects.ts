import { type KeyObject, createPublicKey } from "node:crypto";
import pkcs11js from "pkcs11js";
import { findObjects, type Handle, readAttribute } from "./cryptoki.ts";
import type { TokenKey } from "./messages.ts";
import { sequence, tagged } from "../../asn1/index.ts";

export interface FoundKey extends TokenKey {
  readonly handle: Handle;
}

export interface FoundCertificate {
  readonly id: string;
  readonly label: string;
  readonly der: Buffer;
}

/** Reads the objects of one session. Handles are good for as long as the session is. */
export class TokenObjects {
  readonly #module: pkcs11js.PKCS11;
  readonly #session: Handle;

  constructor(module: pkcs11js.PKCS11, session: Handle) {
    this.#module = module;
    this.#session = session;
  }

  privateKeys(): FoundKey[] {
    return this.#find(pkcs11js.CKO_PRIVATE_KEY).map((handle) => {
      const type = this.#read(handle, pkcs11js.CKA_KEY_TYPE);
      return {
        handle,
        id: this.#id(handle),
        label: this.#label(handle),
        type: isNumber(type, pkcs11js.CKK_EC) ? "ec" : isNumber(type, pkcs11js.CKK_RSA) ? "rsa" : "other",
        alwaysAuthenticate: this.#flag(handle, pkcs11js.CKA_ALWAYS_AUTHENTICATE),
        neverExtractable: this.#flag(handle, pkcs11js.CKA_NEVER_EXTRACTABLE),
      };
    });
  }

  certificates(): FoundCertificate[] {
    return this.#find(pkcs11js.CKO_CERTIFICATE).flatMap((handle) => {
      const der = this.#read(handle, pkcs11js.CKA_VALUE);
      return der === undefined || der.length === 0 ? [] : [{ id: this.#id(handle), label: this.#label(handle), der }];
    });
  }

  /** The certificates beside a key that a newer one has made useless. Some tokens let none be removed; then they stay, and the newest counts. */
  removeReplaced(id: string, newest: Uint8Array): void {
    for (const handle of this.#find(pkcs11js.CKO_CERTIFICATE, id)) {
      if (this.#read(handle, pkcs11js.CKA_VALUE)?.equals(newest) === true) continue;
      try {
        this.#module.C_DestroyObject(this.#session, handle);
      } catch {
        return;
      }
    }
  }

  /** The public half of a key as its token tells it; undefined when it does not. */
  publicKey(key: { readonly id: string; readonly type: TokenKey["type"] }): KeyObject | undefined {
    const [handle] = this.#find(pkcs11js.CKO_PUBLIC_KEY, key.id);
    if (handle === undefined) return undefined;
    return key.type === "ec" ? this.#ecKey(handle) : key.type === "rsa" ? this.#rsaKey(handle) : undefined;
  }

  #ecKey(handle: Handle): KeyObject | undefined {
    const curve = this.#read(handle, pkcs11js.CKA_EC_PARAMS);
    const point = this.#read(handle, pkcs11js.CKA_EC_POINT);
    if (curve === undefined || point === undefined) return undefined;
    // RFC 5480 section 2: id-ecPublicKey with the curve, then the point as a bit string without unused bits.
    const algorithm = sequence(Buffer.from("06072a8648ce3d0201", "hex"), curve);
    const der = sequence(algorithm, tagged(0x03, Buffer.concat([Buffer.of(0), unwrapPoint(point)])));
    return tryKey(() => createPublicKey({ key: der, format: "der", type: "spki" }));
  }

  #rsaKey(handle: Handle): KeyObject | undefined {
    const n = this.#read(handle, pkcs11js.CKA_MODULUS);
    const e = this.#read(handle, pkcs11js.CKA_PUBLIC_EXPONENT);
    if (n === undefined || e === undefined) return undefined;
    const jwk = { kty: "RSA", n: n.toString("base64url"), e: e.toString("base64url") };
    return tryKey(() => createPublicKey({ key: jwk, format: "jwk" }));
  }

  #find(kind: number, id?: string): Handle[] {
    const byId = id === undefined ? [] : [{ type: pkcs11js.CKA_ID, value: Buffer.from(id, "hex") }];
    return findObjects(this.#module, this.#session, [{ type: pkcs11js.CKA_CLASS, value: kind }, ...byId]);
  }

  #read(object: Handle, type: number): Buffer | undefined {
    return readAttribute(this.#module, this.#session, { object, type });
  }

  #id(handle: Handle): string {
    return this.#read(handle, pkcs11js.CKA_ID)?.toString("hex") ?? "";
  }

  #label(handle: Handle): string {
    return this.#read(handle, pkcs11js.CKA_LABEL)?.toString("utf8").replace(/\0+$/, "") ?? "";
  }

  #flag(handle: Handle, type: number): boolean {
    return (this.#read(handle, type)?.[0] ?? 0) !== 0;
  }
}

/** CK_ULONG of this machine; its low bytes are enough for the constants compared here. */
function isNumber(value: Buffer | undefined, wanted: number): boolean {
  return value !== undefined && value.length >= 4 && value.readUInt32LE(0) === wanted;
}

/** PKCS#11 wraps the point into an OCTET STRING; some modules forget to. An uncompressed point begins with 4, and so does the wrapping. */
function unwrapPoint(point: Buffer): Buffer {
  if (point[0] === 0x04 && point[1] === point.length - 2) return point.subarray(2);
  if (point[0] === 0x04 && point[1] === 0x81 && point[2] === point.length - 3) return point.subarray(3);
  return point;
}

function tryKey(read: () => KeyObject): KeyObject | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
