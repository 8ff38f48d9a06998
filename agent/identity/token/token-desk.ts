import type { X509Certificate } from "node:crypto";
import pkcs11js from "pkcs11js";
import type { TokenPick } from "../pkcs11-uri.ts";
import { hashOf, type SigningRequest, whyNotSigned } from "../signing.ts";
import { chainOf, readCertificate } from "../certificate-chain.ts";
import { certificateRequest, requestInfo } from "./certificate-request.ts";
import { codeOf, type Handle, isStale, type Login, nameOf } from "./cryptoki.ts";
import { generateKeyPair, importCertificate } from "./key-making.ts";
import { type Pick, type Pin, TokenFailure, type TokenOperation, type TokenRequest, type TokenResult, type TokenView } from "./messages.ts";
import { signHash } from "./sign-hash.ts";
import { type FoundKey, TokenObjects } from "./token-objects.ts";
import { TokenSlots } from "./token-slots.ts";

type RequestOf<O extends TokenOperation> = Extract<TokenRequest, { readonly op: O }>;
type Desk = { readonly [O in TokenOperation]: (request: RequestOf<O>, pin: Pin | undefined) => TokenResult<O> | Promise<TokenResult<O>> };

interface OpenToken {
  readonly slot: Handle;
  readonly view: TokenView;
  readonly session: Handle;
  readonly objects: TokenObjects;
}

/** Everything that the token process can do with its module. Each operation starts from what the token says now, never from memory. */
export class TokenDesk {
  readonly #module: pkcs11js.PKCS11;
  readonly #slots: TokenSlots;
  readonly #logIn: Login;

  constructor(module: pkcs11js.PKCS11, login: Login) {
    this.#module = module;
    this.#logIn = login;
    this.#slots = new TokenSlots(module);
  }

  /**
   * Does it, and once more with fresh handles when those that we held turned out to be stale.
   *
   * SECURITY: a PIN is used once. Trying again with one could cost the person a try that they did not make.
   */
  async carryOut(request: TokenRequest, pin?: Pin): Promise<unknown> {
    try {
      return await this.#do(request, pin);
    } catch (cause) {
      if (pin !== undefined || !isStale(cause)) throw translate(cause);
      this.#slots.forget();
      return await this.#do(request, pin).catch((again: unknown) => {
        throw translate(again);
      });
    }
  }

  async #do(request: TokenRequest, pin: Pin | undefined): Promise<unknown> {
    const act = this.#desk[request.op] as (request: never, pin: Pin | undefined) => unknown;
    return act(request as never, pin);
  }

  readonly #desk: Desk = {
    list: () => this.#slots.list().map(({ slot, view }) => this.#contents(slot, view)),
    find: ({ pick }) => {
      // What is found is used next, and nobody is to be asked for a PIN when a server waits already.
      this.#openLoggedIn(pick.token);
      const { token, key } = this.#key(pick);
      const { handle: _handle, ...rest } = key;
      const spki = token.objects.publicKey(key)?.export({ type: "spki", format: "der" });
      return { token: token.view, key: rest, ...(spki === undefined ? {} : { spki }), chain: this.#chain(token, key) };
    },
    look: ({ token }) => this.#slots.pick(token).view,
    login: ({ token }, pin) => {
      if (pin !== undefined) this.#login(this.#open(token), pin, pkcs11js.CKU_USER);
      return {};
    },
    logout: ({ token }) => {
      const { session } = this.#open(token);
      this.#module.C_Logout(session);
      return {};
    },
    sign: async ({ pick, pin: _source, ...what }, pin) => {
      const { token, key } = this.#key(pick);
      // SECURITY: the last look before the key is used; the rest of the agent may be under somebody else's control.
      const why = whyNotSigned(what, key.type);
      if (why !== undefined) throw new TokenFailure("NOT_SIGNED", why);
      return { signature: await this.#sign(token, key, { what, pin }) };
    },
    generate: ({ token, ...wanted }) => {
      const { session, objects } = this.#openLoggedIn(token);
      generateKeyPair(this.#module, session, wanted);
      const publicKey = objects.publicKey({ id: wanted.id, type: wanted.algorithm.startsWith("ec") ? "ec" : "rsa" });
      if (publicKey === undefined) throw new TokenFailure("KEY_ABSENT", "the token does not tell the public half of its new key");
      return { spki: publicKey.export({ type: "spki", format: "der" }) };
    },
    request: async ({ pick, wanted }, pin) => {
      const { token, key } = this.#key(pick);
      const publicKey = key.type === "other" ? undefined : token.objects.publicKey(key);
      if (publicKey === undefined || key.type === "other")
        throw new TokenFailure("KEY_ABSENT", "the token does not tell the public half of this key");
      const info = requestInfo(wanted, publicKey);
      const what: SigningRequest = { digest: "sha256", padding: key.type === "ec" ? "none" : "pkcs1", message: info };
      return { request: certificateRequest(info, key.type, await this.#sign(token, key, { what, pin })) };
    },
    import: ({ token, ...certificate }) => {
      const { session, objects } = this.#openLoggedIn(token);
      const parsed = readCertificate(certificate.certificate);
      if (parsed === undefined) throw new TokenFailure("KEY_MISMATCH", "this is no certificate");
      const key = objects.privateKeys().find(({ id }) => id === certificate.id);
      const publicKey = key === undefined ? undefined : objects.publicKey(key);
      if (publicKey !== undefined && !parsed.publicKey.equals(publicKey))
        throw new TokenFailure("KEY_MISMATCH", "the certificate belongs to another key");
      if (objects.certificates().some(({ der }) => der.equals(parsed.raw))) return {};
      importCertificate(this.#module, session, certificate);
      // Only now: a token without room for both keeps the old one.
      if (publicKey !== undefined) objects.removeReplaced(certificate.id, parsed.raw);
      return {};
    },
  };

  #open(pick: TokenPick): OpenToken {
    const { slot, view } = this.#slots.pick(pick);
    const session = this.#slots.session(slot);
    return { slot, view, session, objects: new TokenObjects(this.#module, session) };
  }

  #openLoggedIn(pick: TokenPick): OpenToken {
    const token = this.#open(pick);
    if (token.view.needsLogin && !this.#slots.isLoggedIn(token.slot)) throw pinNeeded(token.view);
    return token;
  }

  #key({ token: tokenPick, key: keyPick }: Pick): { readonly token: OpenToken; readonly key: FoundKey } {
    const token = this.#open(tokenPick);
    const keys = token.objects.privateKeys().filter(({ id, label }) => says(keyPick.id, id) && says(keyPick.label, label));
    const [key, other] = keys;
    // Before login a token hides its private keys.
    if (key === undefined && token.view.needsLogin && !this.#slots.isLoggedIn(token.slot)) throw pinNeeded(token.view);
    if (key === undefined) throw new TokenFailure("KEY_ABSENT", `no such private key in token "${token.view.label}"`, token.view);
    if (other !== undefined)
      throw new TokenFailure("KEY_ABSENT", `several private keys in token "${token.view.label}" match; add the id`, token.view);
    return { token, key };
  }

  /** The certificate that stands beside the key and belongs to it, with its issuers. */
  #chain({ objects, view }: OpenToken, key: FoundKey): Uint8Array[] {
    const certificates = objects.certificates().flatMap(({ id, der }) => {
      const certificate = readCertificate(der);
      return certificate === undefined ? [] : [{ id, certificate }];
    });
    const beside = certificates.filter(({ id }) => id === key.id);
    if (beside.length === 0) return [];
    const publicKey = objects.publicKey(key);
    const own = beside.filter(({ certificate }) => publicKey === undefined || certificate.publicKey.equals(publicKey));
    const leaf = newest(own.map(({ certificate }) => certificate));
    if (leaf === undefined)
      throw new TokenFailure("KEY_MISMATCH", `the certificate beside the key in token "${view.label}" belongs to another key`, view);
    const others = certificates.map(({ certificate }) => certificate);
    return chainOf(leaf, others).map(({ raw }) => raw);
  }

  async #sign(token: OpenToken, key: FoundKey, { what, pin }: { what: SigningRequest; pin: Pin | undefined }): Promise<Buffer> {
    if (token.view.needsLogin && !this.#slots.isLoggedIn(token.slot)) throw pinNeeded(token.view);
    if (key.alwaysAuthenticate && pin === undefined) throw pinNeeded(token.view);
    const authenticate =
      key.alwaysAuthenticate && pin !== undefined ? () => this.#login(token, pin, pkcs11js.CKU_CONTEXT_SPECIFIC) : undefined;
    return signHash(this.#module, { session: token.session, key, request: what, hash: hashOf(what), authenticate });
  }

  #login({ session, view, slot }: OpenToken, pin: Pin, user: number): void {
    try {
      this.#logIn(session, user, pin);
    } catch (cause) {
      if (codeOf(cause) === pkcs11js.CKR_USER_ALREADY_LOGGED_IN) return;
      // The signature that this PIN was for has begun and would be in the way of the next.
      if (user === pkcs11js.CKU_CONTEXT_SPECIFIC) this.#slots.renew(slot);
      const now = this.#slots.list().find((one) => one.slot.equals(slot))?.view ?? view;
      throw translate(cause, now);
    }
  }

  #contents(slot: Handle, view: TokenView): TokenResult<"list">[number] {
    const objects = new TokenObjects(this.#module, this.#slots.session(slot));
    const keys = objects.privateKeys().map(({ handle: _handle, ...key }) => key);
    const mechanisms = this.#module.C_GetMechanismList(slot).map((type) => mechanismNames.get(type) ?? `0x${type.toString(16)}`);
    return { ...view, mechanisms, keys, certificates: objects.certificates() };
  }
}

const mechanismNames: ReadonlyMap<unknown, string> = new Map(
  Object.entries(pkcs11js).flatMap(([name, value]) => (name.startsWith("CKM_") ? [[value, name.slice("CKM_".length)] as const] : [])),
);

const says = (wanted: string | undefined, is: string): boolean => wanted === undefined || wanted === is;

const pinNeeded = (view: TokenView): TokenFailure =>
  view.pin === "locked"
    ? new TokenFailure("PIN_LOCKED", `the PIN of token "${view.label}" is locked`, view)
    : new TokenFailure("PIN_NEEDED", `the PIN of token "${view.label}" is needed`, view);

/** After a renewal a token may hold two certificates of one key: the one that lasts longest counts. */
function newest(certificates: readonly X509Certificate[]): X509Certificate | undefined {
  return certificates.toSorted((a, b) => b.validToDate.getTime() - a.validToDate.getTime())[0];
}

/** From the module's words to ours. */
function translate(cause: unknown, view?: TokenView): Error {
  if (cause instanceof TokenFailure) return cause;
  const code = codeOf(cause);
  if (code === pkcs11js.CKR_PIN_INCORRECT || code === pkcs11js.CKR_PIN_INVALID || code === pkcs11js.CKR_PIN_LEN_RANGE)
    return new TokenFailure("PIN_WRONG", "the PIN is wrong", view);
  if (code === pkcs11js.CKR_FUNCTION_CANCELED || code === pkcs11js.CKR_CANCEL || code === pkcs11js.CKR_FUNCTION_REJECTED)
    return new TokenFailure("PIN_CANCELLED", "it was cancelled at the reader", view);
  if (code === pkcs11js.CKR_PIN_LOCKED) return new TokenFailure("PIN_LOCKED", "the PIN is locked after too many tries", view);
  if (code === pkcs11js.CKR_USER_NOT_LOGGED_IN) return new TokenFailure("PIN_NEEDED", "the token wants its PIN", view);
  if (isStale(cause)) return new TokenFailure("TOKEN_ABSENT", `the token does not answer (${nameOf(cause)})`, view);
  return new TokenFailure("MODULE", nameOf(cause), view);
}
