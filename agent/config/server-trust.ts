import { AgentError } from "../base/index.ts";
import { type PemTexts, pinsIn } from "./certificate-files.ts";
import type { ClientTls } from "./config.ts";

/** How a server is recognised, with the content of every file that says so. */
export interface ServerTrust {
  /** PEM; absent: the runtime's authorities. */
  readonly ca?: readonly string[];
  /** PEM. */
  readonly crl?: string;
  /** SHA-256 of accepted public keys, base64; empty: any key. */
  readonly pins: readonly string[];
  readonly verify?: { readonly path: string; readonly text: string };
}

/**
 * Trust as it was read with its snapshot. SECURITY: throws AgentError for whatever was configured and not read, because without it
 * more servers would be trusted than the administrator wanted.
 */
export function trustIn({ ca, crlPath, pins, pinPaths, verifyPath }: ClientTls, pem: PemTexts): ServerTrust {
  const read = (file: string): string => {
    const text = pem.get(file);
    if (text === undefined) throw new AgentError("CONFIG_INVALID", `${file} was not read`);
    return text;
  };
  return {
    ...(ca === undefined ? {} : { ca: ca.map(read) }),
    ...(crlPath === undefined ? {} : { crl: read(crlPath) }),
    ...(verifyPath === undefined ? {} : { verify: { path: verifyPath, text: read(verifyPath) } }),
    pins: [...pins, ...pinPaths.flatMap((file) => pinsIn(read(file)))],
  };
}
