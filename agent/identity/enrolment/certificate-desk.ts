import { createPublicKey, randomBytes, type X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { AgentError, formatCause } from "../../base/index.ts";
import { writeFileAtomically } from "../../platform/index.ts";
import { type KeyWish, type MadeRequest, requestFromFile } from "../key-files/make-request.ts";
import { type FileOwner, keyFailure, parseChain, readPrivateKey } from "../key-files/read-key-files.ts";
import type { Pkcs11Uri } from "../pkcs11-uri.ts";
import type { KeyAlgorithm, TokenContents } from "../token/messages.ts";
import { TokenFailure } from "../token/messages.ts";
import type { TokenKeeper } from "../token/token-keeper.ts";
import { readCertificate } from "../certificate-chain.ts";

export type Chain = readonly [X509Certificate, ...X509Certificate[]];

/** Where the certificate of one identity is asked for and put. Rejects with AgentError (IDENTITY_*). */
export interface CertificateDesk {
  /** A request signed by the identity's key, which is made when there is none. */
  request(wish: KeyWish): Promise<MadeRequest & { readonly id?: string }>;
  /** Put a chain beside its key, in place of the old one: all of it, or nothing. */
  install(chain: Chain): Promise<void>;
  /** The certificate that is there, found without asking anybody for anything. */
  current(): Promise<X509Certificate | undefined>;
  /** All certificates that are kept in the same token. */
  beside(): Promise<readonly X509Certificate[]>;
}

const formatChain = (chain: Chain): string => chain.map((certificate) => certificate.toString()).join("");

export function createFileDesk(files: { readonly certPath: string; readonly keyPath: string }, owner: FileOwner): CertificateDesk {
  const { certPath, keyPath } = files;
  return {
    request: (wish) => requestFromFile(keyPath, owner, wish),
    install: async (chain) => {
      const publicKey = createPublicKey(await readPrivateKey(keyPath, owner));
      if (!chain[0].publicKey.equals(publicKey)) throw keyFailure(owner.name, `the certificate does not belong to the key in ${keyPath}`);
      await writeChain(certPath, chain, owner.name);
    },
    current: () => readLeaf(certPath),
    beside: () => Promise.resolve([]),
  };
}

export interface TokenDeskOptions {
  readonly name: string;
  readonly uri: Pkcs11Uri;
  readonly keeper: TokenKeeper;
  /** Where the chain goes when it is not kept in the token. */
  readonly certPath?: string;
}

export function createTokenDesk({ name, uri, keeper, certPath }: TokenDeskOptions): CertificateDesk {
  const find = () => keeper.ask<"find">({ op: "find", pick: uri }, name);
  return {
    request: async ({ algorithm, wanted, onlyExisting }) => {
      const found = await find().catch((cause: unknown) => {
        if (isKeyAbsent(cause) && onlyExisting !== true) return undefined;
        throw cause;
      });
      const made = found === undefined ? await generate(algorithm) : undefined;
      const key = found === undefined ? made : { id: found.key.id, label: found.key.label };
      const pick = { token: uri.token, key: key ?? uri.key };
      const { request } = await keeper.ask<"request">({ op: "request", pick, wanted }, name);
      const { spki } = await keeper.ask<"find">({ op: "find", pick }, name);
      if (spki === undefined)
        throw new AgentError("IDENTITY_KEY", `identity \`${name}\`: the token does not tell the public half of its key`);
      const publicKey = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
      return { request: Buffer.from(request), publicKey, isNewKey: made !== undefined, ...(key === undefined ? {} : { id: key.id }) };
    },
    install: async (chain) => {
      const { key, token, spki } = await find();
      const belongs =
        spki === undefined || chain[0].publicKey.equals(createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" }));
      if (!belongs) throw new AgentError("IDENTITY_KEY", `identity \`${name}\`: the certificate belongs to another key`);
      if (certPath !== undefined) return writeChain(certPath, chain, name);
      const pick = { label: token.label, serial: token.serial };
      const [leaf, ...issuers] = chain;
      // Issuers first: with its own certificate the chain is complete at once.
      for (const issuer of issuers) {
        const id = issuer.fingerprint256.replaceAll(":", "").slice(0, 16).toLowerCase();
        const label = issuer.subject.replaceAll("\n", " ");
        await keeper.ask<"import">({ op: "import", token: pick, id, label, certificate: issuer.raw }, name);
      }
      await keeper.ask<"import">({ op: "import", token: pick, id: key.id, label: key.label, certificate: leaf.raw }, name);
    },
    current: async () => {
      if (certPath !== undefined) return readLeaf(certPath);
      return newestOf(await keeper.ask<"list">({ op: "list" }, name), uri);
    },
    beside: async () =>
      tokensOf(await keeper.ask<"list">({ op: "list" }, name), uri).flatMap(({ certificates }) =>
        certificates.flatMap(({ der }) => readCertificate(der) ?? []),
      ),
  };

  async function generate(algorithm: KeyAlgorithm): Promise<{ readonly id: string; readonly label: string }> {
    const key = { id: uri.key.id ?? randomBytes(8).toString("hex"), label: uri.key.label ?? name };
    await keeper.ask<"generate">({ op: "generate", token: uri.token, ...key, algorithm }, name);
    return key;
  }
}

/** A desk for what cannot be enrolled for; `why` it says each time. */
export function createClosedDesk(name: string, why: string): CertificateDesk {
  const closed = () => Promise.reject(new AgentError("IDENTITY_KEY", `identity \`${name}\`: ${why}`));
  return { request: closed, install: closed, current: () => Promise.resolve(undefined), beside: () => Promise.resolve([]) };
}

const isKeyAbsent = (cause: unknown): boolean =>
  cause instanceof AgentError && cause.cause instanceof TokenFailure && cause.cause.problem === "KEY_ABSENT";

const isMeant = (wanted: string | undefined, is: string): boolean => wanted === undefined || wanted === is;

function tokensOf(tokens: readonly TokenContents[], { token }: Pkcs11Uri): readonly TokenContents[] {
  return tokens.filter(({ label, serial }) => isMeant(token.label, label) && isMeant(token.serial, serial));
}

function newestOf(tokens: readonly TokenContents[], uri: Pkcs11Uri): X509Certificate | undefined {
  const { key } = uri;
  return tokensOf(tokens, uri)
    .flatMap(({ certificates }) => certificates.filter(({ id, label }) => isMeant(key.id, id) && isMeant(key.label, label)))
    .flatMap(({ der }) => readCertificate(der) ?? [])
    .filter(({ ca }) => !ca)
    .toSorted((left, right) => right.validToDate.getTime() - left.validToDate.getTime())[0];
}

async function writeChain(certPath: string, chain: Chain, name: string): Promise<void> {
  await writeFileAtomically(certPath, formatChain(chain), 0o644).catch((cause: unknown) => {
    throw keyFailure(name, `the certificate cannot be written: ${formatCause(cause)}`, cause);
  });
}

async function readLeaf(certPath: string): Promise<X509Certificate | undefined> {
  try {
    return parseChain(await readFile(certPath, "utf8"))[0];
  } catch {
    return undefined;
  }
}
