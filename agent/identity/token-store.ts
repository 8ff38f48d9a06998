import { createPublicKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { AgentError, formatCause } from "../base/index.ts";
import { parseChain } from "./key-files/read-key-files.ts";
import type { ClientKey, KeyStore } from "./key-store.ts";
import type { Pkcs11Uri } from "./pkcs11-uri.ts";
import { whyNotSigned } from "./signing.ts";
import type { TokenKeeper } from "./token/token-keeper.ts";
import type { TokenResult } from "./token/messages.ts";

export interface TokenStoreOptions {
  readonly name: string;
  readonly kind: "pkcs11" | "tpm2";
  readonly uri: Pkcs11Uri;
  readonly keeper: TokenKeeper;
  /** Certificate chain, PEM, for tokens that hold none. */
  readonly certPath?: string;
}

/** A key that never leaves its token. What was found is remembered until it fails; every signature looks the key up again. */
export function createTokenStore(options: TokenStoreOptions): KeyStore {
  const { name, kind, uri, keeper } = options;
  let held: Promise<ClientKey> | undefined;
  return {
    name,
    kind,
    open: async () => {
      // Looked at now: nobody is to search for a PIN when a server waits already.
      const known = held;
      if (known !== undefined && !(await keeper.isReady(uri.token)) && held === known) held = undefined;
      if (held !== undefined) return held;
      const opening = find(options, () => {
        held = undefined;
      });
      held = opening;
      opening.catch(() => {
        if (held === opening) held = undefined;
      });
      return opening;
    },
    isPresent: async () => {
      const isThere = await keeper.isPresent(uri.token);
      if (!isThere) held = undefined;
      return isThere;
    },
    refresh: () => {
      held = undefined;
    },
    forget: () => {
      held = undefined;
      keeper.logout();
      return Promise.resolve();
    },
  };
}

async function find(options: TokenStoreOptions, failed: () => void): Promise<ClientKey> {
  const { name, uri, keeper } = options;
  const found = await keeper.ask<"find">({ op: "find", pick: uri }, name);
  const [leaf, ...issuers] = await chainFor(options, found);
  if (leaf === undefined) {
    const how = "import one with `portail identity import`, or name a file in `cert`";
    throw new AgentError(
      "IDENTITY_KEY",
      `identity \`${name}\`: there is no certificate beside the key in token "${found.token.label}"; ${how}`,
    );
  }
  // From now on exactly this token and this key: another one with the same label must not take its place unseen.
  const pick = { token: { label: found.token.label, serial: found.token.serial }, key: { id: found.key.id, label: found.key.label } };
  return {
    chain: [leaf, ...issuers],
    sign: async (request) => {
      const why = whyNotSigned(request, found.key.type);
      if (why !== undefined) throw new AgentError("IDENTITY_REFUSED", `identity \`${name}\`: ${why}`);
      try {
        const { digest, padding, message } = request;
        const { signature } = await keeper.ask<"sign">({ op: "sign", pick, digest, padding, message }, name);
        return Buffer.from(signature.buffer, signature.byteOffset, signature.byteLength);
      } catch (cause) {
        failed();
        throw cause;
      }
    },
  };
}

/** From the file when there is one, and then it must belong to the key; else from the token. */
async function chainFor({ name, certPath }: TokenStoreOptions, found: TokenResult<"find">): Promise<X509Certificate[]> {
  if (certPath === undefined) return found.chain.map((der) => new X509Certificate(der));
  const chain = parseChain(
    await readFile(certPath, "utf8").catch((cause: unknown) => {
      throw new AgentError("IDENTITY_KEY", `identity \`${name}\`: ${formatCause(cause)}`, { cause });
    }),
  );
  const [leaf] = chain;
  if (leaf !== undefined && found.spki !== undefined) {
    const own = createPublicKey({ key: Buffer.from(found.spki), format: "der", type: "spki" });
    if (!leaf.publicKey.equals(own))
      throw new AgentError("IDENTITY_KEY", `identity \`${name}\`: the certificate in ${certPath} belongs to another key`);
  }
  return chain;
}
