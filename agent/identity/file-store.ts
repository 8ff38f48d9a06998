import type { KeyObject } from "node:crypto";
import { stat } from "node:fs/promises";
import { AgentError, formatCause } from "../base/index.ts";
import type { KeyFiles } from "./identity-source.ts";
import { keyFailure, type KeyPair, readKeyFiles } from "./key-files/read-key-files.ts";
import type { ClientKey, KeyStore } from "./key-store.ts";
import type { AskPin } from "./person.ts";
import { signHere, whyNotSigned } from "./signing.ts";

export interface FileStoreOptions {
  readonly name: string;
  readonly files: KeyFiles;
  /** Asked for the password of an encrypted key or container. */
  readonly askPin: AskPin;
}

/** What the files were when they were read. */
interface Version {
  readonly cert: string;
  readonly key: string;
}

interface Reading {
  readonly version: Version;
  readonly key: Promise<ClientKey>;
}

/**
 * A certificate and its key in files. They are read again when either changes, so that a renewed pair is served from the next handshake
 * on. INVARIANT: what was good stays in use until what replaces it is good too: a writer may have changed one file of two.
 */
export function createFileStore({ name, files, askPin }: FileStoreOptions): KeyStore {
  let reading: Reading | undefined;
  let good: { readonly version: Version; readonly key: ClientKey } | undefined;

  const read = async (version: Version): Promise<ClientKey> => {
    try {
      // A new certificate for the same key: nobody is asked for the password again.
      const openedKey: KeyObject | undefined = good?.version.key === version.key ? good.key.privateKey : undefined;
      const key = clientKeyOf(name, await readKeyFiles(files, { name, askPin }, openedKey));
      good = { version, key };
      return key;
    } catch (cause) {
      if (good === undefined) throw cause;
      return good.key;
    }
  };

  const open = async (): Promise<ClientKey> => {
    const version = await versionOf(name, files).catch((cause: unknown) => {
      if (good === undefined) throw cause;
      return good.version;
    });
    if (reading !== undefined && isSame(reading.version, version)) return reading.key;
    const mine: Reading = { version, key: read(version) };
    reading = mine;
    // A failure is not remembered: the next connection asks again.
    mine.key.catch(() => {
      if (reading === mine) reading = undefined;
    });
    return mine.key;
  };

  return {
    name,
    kind: "file",
    open,
    isPresent: async () => {
      const version = await versionOf(name, files).catch(() => undefined);
      return good !== undefined && version !== undefined && isSame(good.version, version);
    },
    refresh: () => {
      reading = undefined;
    },
    forget: () => {
      reading = undefined;
      good = undefined;
      return Promise.resolve();
    },
  };
}

const isSame = (one: Version, other: Version): boolean => one.cert === other.cert && one.key === other.key;

async function versionOf(name: string, files: KeyFiles): Promise<Version> {
  const [certPath, keyPath] = "p12Path" in files ? [files.p12Path, files.p12Path] : [files.certPath, files.keyPath];
  try {
    const [cert, key] = await Promise.all([markOf(certPath), markOf(keyPath)]);
    return { cert, key };
  } catch (cause) {
    throw keyFailure(name, formatCause(cause), cause);
  }
}

async function markOf(file: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(file);
  return `${mtimeMs}/${size}/${ino}`;
}

function clientKeyOf(name: string, { chain, privateKey }: KeyPair): ClientKey {
  return {
    chain,
    privateKey,
    sign: (request) => {
      const why = whyNotSigned(request, privateKey.asymmetricKeyType ?? "none");
      if (why !== undefined) return Promise.reject(new AgentError("IDENTITY_REFUSED", `identity \`${name}\`: ${why}`));
      return Promise.resolve(signHere(privateKey, request));
    },
  };
}
