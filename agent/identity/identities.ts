import type { Evidence } from "../attestation/index.ts";
import { AgentError, type Cancel, type Clock, type Logger } from "../base/index.ts";
import type { CertifiedKey } from "./attestation/tpm-evidence.ts";
import { type CertificateDesk, createClosedDesk, createFileDesk, createTokenDesk } from "./enrolment/certificate-desk.ts";
import { createFileStore } from "./file-store.ts";
import { findSystemModule, findTpmModule } from "./find-module.ts";
import type { IdentitySource } from "./identity-source.ts";
import { parseChain } from "./key-files/read-key-files.ts";
import { type IdentityView, viewOf } from "./identity-view.ts";
import type { KeyStore } from "./key-store.ts";
import type { AnnounceTouch, AskPin } from "./person.ts";
import { PinFiles } from "./pin-files.ts";
import { parsePkcs11Uri, type Pkcs11Uri } from "./pkcs11-uri.ts";
import type { TokenContents } from "./token/messages.ts";
import { TokenHost } from "./token/token-host.ts";
import { TokenKeeper } from "./token/token-keeper.ts";
import { createTokenStore } from "./token-store.ts";
import { type SshIdentityKey, sshKeyOf } from "./ssh-key.ts";
import { HereTls } from "./tls/here-tls.ts";
import { Sessions } from "./tls/sessions.ts";
import { ThreadPool } from "./tls/thread-pool.ts";
import type { TlsIdentity } from "./tls/tls-identity.ts";
import { TokenTls } from "./tls/token-tls.ts";

export interface IdentitiesOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly askPin: AskPin;
  readonly announceTouch: AnnounceTouch;
  /** A token was taken out: what other rooms keep open by its identity is not used for anything new. */
  readonly onGone?: () => void;
  /** The compiled provider, `out/native/token-key.node`. */
  readonly addonPath: string;
}

interface Identity {
  readonly source: IdentitySource;
  readonly store: KeyStore;
  readonly tls: TlsIdentity;
  readonly sessions: Sessions;
  readonly desk: CertificateDesk;
  view: IdentityView;
}

interface Module {
  readonly host: TokenHost;
  readonly keeper: TokenKeeper;
}

const closedContainer = "a PKCS#12 container is not enrolled for; name two files in `cert` and `key`";
/** How often it is looked whether a token whose identity holds tickets is still there. */
const lookMs = 3000;

/** All identities of the configuration, by name. */
export class Identities {
  readonly #options: IdentitiesOptions;
  readonly #pool: ThreadPool;
  readonly #modules = new Map<string, Module>();
  readonly #pinFiles: PinFiles;
  #identities = new Map<string, Identity>();
  #stopLooking: Cancel | undefined;

  constructor(options: IdentitiesOptions) {
    this.#options = options;
    this.#pool = new ThreadPool({ addonPath: options.addonPath, clock: options.clock });
    this.#pinFiles = new PinFiles({ askPerson: options.askPin, logger: options.logger });
  }

  /** Serve these from now on. One that has not changed keeps its login and its tickets. Opens and loads nothing yet. */
  update(sources: readonly IdentitySource[]): void {
    const before = this.#identities;
    this.#pinFiles.update(new Map(sources.flatMap((source) => pinFileOf(source).map((file) => [source.name, file] as const))));
    this.#identities = new Map(
      sources.map((source) => {
        const known = before.get(source.name);
        return [source.name, known !== undefined && JSON.stringify(known.source) === JSON.stringify(source) ? known : this.#create(source)];
      }),
    );
    for (const [name, one] of before) if (this.#identities.get(name) !== one) one.sessions.flush();
    this.#stopLooking ??= this.#lookAgain();
  }

  /** For opening TLS; undefined for a name that is not configured. */
  get(name: string): TlsIdentity | undefined {
    return this.#identities.get(name)?.tls;
  }

  /** For logging in at SSH servers. Opens the identity, which may ask the person for a PIN. Rejects with AgentError. */
  async sshKey(name: string): Promise<SshIdentityKey> {
    return sshKeyOf(name, await this.#named(name).store.open());
  }

  /** What is known without asking any token: nothing is opened for it. */
  list(): IdentityView[] {
    return [...this.#identities.values()].map(({ view }) => view);
  }

  /** Opens the identity, which may ask the person for a PIN, and tells what it found. Never rejects for reasons of the key. */
  async show(name: string): Promise<IdentityView> {
    const identity = this.#named(name);
    try {
      identity.view = viewOf(identity.source, await identity.store.open());
    } catch (cause) {
      if (!(cause instanceof AgentError)) throw cause;
      const { name: own, kind } = identity.source;
      identity.view = { name: own, kind, state: "failing", problem: cause.detail, code: cause.code };
    }
    return identity.view;
  }

  /** Every token of every module that an identity names. */
  async tokens(): Promise<TokenContents[]> {
    const lists = await Promise.all([...this.#modules.values()].map(({ keeper }) => keeper.ask<"list">({ op: "list" }, "")));
    return lists.flat();
  }

  /** Where its certificate is asked for and put. */
  desk(name: string): CertificateDesk {
    return this.#named(name).desk;
  }

  /** Evidence of where its key lives, for whoever gave the nonce. Rejects with AgentError (IDENTITY_*). */
  async attest(name: string, nonce: string, certified?: CertifiedKey): Promise<Evidence> {
    const { source, desk } = this.#named(name);
    const { attest } = await import("./attestation/attest.ts");
    return attest({ name, kind: source.kind, desk }, nonce, certified);
  }

  /** Its certificate is another now: it is used from the next connection on, and nothing that the old one has earned. */
  renewed(name: string): void {
    const { store, sessions } = this.#named(name);
    sessions.flush();
    store.refresh();
  }

  /** Put a certificate and its issuers beside the key that they belong to. */
  async importChain(name: string, pem: string): Promise<IdentityView> {
    const [leaf, ...issuers] = parseChain(pem);
    if (leaf === undefined) throw new AgentError("IDENTITY_KEY", "the file holds no certificate");
    await this.desk(name).install([leaf, ...issuers]);
    this.renewed(name);
    return this.show(name);
  }

  /** Trust has changed, or the person has logged out: no ticket is used again, every PIN is asked for again. */
  async forget(): Promise<void> {
    for (const identity of this.#identities.values()) {
      identity.sessions.flush();
      await identity.store.forget();
      // Whose certificate it is stays known; that the key can be used is not known any more.
      if (identity.view.state === "ready") identity.view = { ...identity.view, state: "configured" };
    }
  }

  /** What servers are recognised by has changed: no ticket is used again. */
  forgetSessions(): void {
    for (const { sessions } of this.#identities.values()) sessions.flush();
  }

  async close(): Promise<void> {
    this.#stopLooking?.();
    this.forgetSessions();
    for (const { host } of this.#modules.values()) host.close();
    await this.#pool.close();
  }

  #named(name: string): Identity {
    const identity = this.#identities.get(name);
    if (identity === undefined) throw new AgentError("CONTROL_NOT_FOUND", `there is no identity \`${name}\` in the configuration`);
    return identity;
  }

  /** What cannot work is an identity all the same: it says why when it is used, and the others are served. */
  #create(source: IdentitySource): Identity {
    try {
      return this.#open(source);
    } catch (cause) {
      if (!(cause instanceof AgentError)) throw cause;
      const { name, kind } = source;
      const sessions = new Sessions(this.#options.clock);
      const store = createBrokenStore(source, cause);
      const view: IdentityView = { name, kind, state: "failing", problem: cause.detail, code: cause.code };
      const desk = createClosedDesk(name, cause.detail);
      return { source, store, sessions, view, desk, tls: new HereTls({ store, sessions, clock: this.#options.clock }) };
    }
  }

  #open(source: IdentitySource): Identity {
    const { clock } = this.#options;
    const sessions = new Sessions(clock);
    const view: IdentityView = { name: source.name, kind: source.kind, state: "configured" };
    if (source.kind === "file") {
      const owner = { name: source.name, askPin: this.#pinFiles.ask };
      const store = createFileStore({ ...owner, files: source });
      const desk = "p12Path" in source ? createClosedDesk(source.name, closedContainer) : createFileDesk(source, owner);
      return { source, store, sessions, view, desk, tls: new HereTls({ store, sessions, clock }) };
    }
    const uri = uriOf(source);
    const { keeper } = this.#module(modulePathOf(source));
    const certPath = source.kind === "tpm2" && source.certPath !== undefined ? { certPath: source.certPath } : {};
    const where = { name: source.name, uri, keeper, ...certPath };
    const store = createTokenStore({ ...where, kind: source.kind });
    return { source, store, sessions, view, desk: createTokenDesk(where), tls: new TokenTls({ store, pool: this.#pool, sessions, clock }) };
  }

  /** One process for each module, however many identities it holds. */
  #module(modulePath: string): Module {
    const known = this.#modules.get(modulePath);
    if (known !== undefined) return known;
    const { clock, logger, announceTouch } = this.#options;
    const host = new TokenHost({ modulePath, addonPath: this.#options.addonPath, clock, logger });
    const module = { host, keeper: new TokenKeeper({ host, clock, announceTouch, askPin: this.#pinFiles.ask }) };
    this.#modules.set(modulePath, module);
    return module;
  }

  /** SECURITY: tickets die with the token that earned them. */
  #lookAgain(): Cancel {
    return this.#options.clock.after(lookMs, () => {
      void this.#look().finally(() => {
        if (this.#stopLooking !== undefined) this.#stopLooking = this.#lookAgain();
      });
    });
  }

  async #look(): Promise<void> {
    for (const { sessions, store, source } of this.#identities.values()) {
      if (sessions.isEmpty || (await store.isPresent())) continue;
      sessions.flush();
      this.#options.onGone?.();
      this.#options.logger.info("an identity is gone; its sessions are forgotten", { identity: source.name });
    }
  }
}

/** None or one. */
function pinFileOf(source: IdentitySource): string[] {
  const file = source.kind === "file" ? source.passwordPath : source.pinPath;
  return file === undefined ? [] : [file];
}

function createBrokenStore({ name, kind }: IdentitySource, cause: AgentError): KeyStore {
  return {
    name,
    kind,
    open: () => Promise.reject(new AgentError(cause.code, cause.detail, { cause })),
    isPresent: () => Promise.resolve(false),
    refresh: () => undefined,
    forget: () => Promise.resolve(),
  };
}

function pickOf({ token, label, id }: Extract<IdentitySource, { readonly kind: "tpm2" }>): Pkcs11Uri {
  return {
    token: token === undefined ? {} : { label: token },
    key: { ...(label === undefined ? {} : { label }), ...(id === undefined ? {} : { id }) },
  };
}

/** Throws AgentError (CONFIG_INVALID). */
function uriOf(source: Exclude<IdentitySource, { readonly kind: "file" }>): Pkcs11Uri {
  if (source.kind === "tpm2") {
    if (source.handle === undefined) return pickOf(source);
    const remedy = "make a key in a token of tpm2-pkcs11 (`tpm2_ptool addkey`), or link this one into it (`tpm2_ptool link`)";
    throw new AgentError("CONFIG_INVALID", `identities.${source.name}.handle: bare TPM handles are not served; ${remedy}`);
  }
  const parsed = parsePkcs11Uri(source.uri);
  if (parsed.kind === "uri") return parsed.uri;
  throw new AgentError("CONFIG_INVALID", `identities.${source.name}.uri: ${parsed.why}`);
}

function modulePathOf(source: Exclude<IdentitySource, { readonly kind: "file" }>): string {
  const found = source.kind === "tpm2" ? findTpmModule() : (source.modulePath ?? findSystemModule());
  if (found !== undefined) return found;
  const remedy = source.kind === "tpm2" ? "install tpm2-pkcs11 (Debian: libtpm2-pkcs11-1)" : "name one in `module`, or install p11-kit";
  throw new AgentError("CONFIG_INVALID", `identities.${source.name}: there is no PKCS#11 module on this machine; ${remedy}`);
}
