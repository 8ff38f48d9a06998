import pkcs11js from "pkcs11js";
import { loadNativePart, type NativePart } from "../native-part.ts";
import { type Pin, TokenFailure } from "./messages.ts";

export type Handle = pkcs11js.Handle;
export type Attributes = pkcs11js.Template;

/** The vendor's module, loaded into this process. Everything here blocks, may crash, and may answer nonsense: hence the process. */
export function openCryptoki(modulePath: string): pkcs11js.PKCS11 {
  const module = new pkcs11js.PKCS11();
  try {
    module.load(modulePath);
    // p11-kit refuses to begin without permission to use the system's locks (CKR_CANT_LOCK).
    module.C_Initialize({ flags: pkcs11js.CKF_OS_LOCKING_OK });
  } catch (cause) {
    throw new TokenFailure("MODULE", `${modulePath} cannot be loaded: ${nameOf(cause)}`);
  }
  return module;
}

/** C_Login with bytes that stay where they are, or without any. Throws what the module answers, as pkcs11js would. */
export type Login = (session: Handle, user: number, pin: Pin) => void;

/** SECURITY: called before any PIN is in this process, which can then not be written into a core file any more. */
export function openLogin(addonPath: string, modulePath: string): Login {
  let addon: NativePart;
  try {
    addon = loadNativePart(addonPath);
  } catch (cause) {
    throw new TokenFailure("MODULE", `the agent was built without its native part (${nameOf(cause)})`);
  }
  addon.forbidDumps();
  return (session, user, pin) => {
    const bytes = pin === "at-reader" ? null : Buffer.from(pin.buffer, pin.byteOffset, pin.byteLength);
    const code = addon.login(modulePath, session, user, bytes);
    if (code !== pkcs11js.CKR_OK) throw Object.assign(new Error(codeNames.get(code) ?? `CKR 0x${code.toString(16)}`), { code });
  };
}

const codeNames: ReadonlyMap<unknown, string> = new Map(
  Object.entries(pkcs11js).flatMap(([name, value]) => (name.startsWith("CKR_") ? [[value, name] as const] : [])),
);

/** `CKR_…` or whatever the thrown thing says. */
export function nameOf(cause: unknown): string {
  return cause instanceof Error ? (cause.message.split("\n", 1)[0] ?? "") : String(cause);
}

export function codeOf(cause: unknown): number | undefined {
  const code = (cause as { readonly code?: unknown } | undefined)?.code;
  return typeof code === "number" ? code : undefined;
}

/** What we held is of no use any more: the token was taken out, put back, slept, or somebody else logged out. */
const staleCodes: ReadonlySet<number | undefined> = new Set([
  pkcs11js.CKR_SESSION_HANDLE_INVALID,
  pkcs11js.CKR_SESSION_CLOSED,
  pkcs11js.CKR_OBJECT_HANDLE_INVALID,
  pkcs11js.CKR_KEY_HANDLE_INVALID,
  pkcs11js.CKR_DEVICE_REMOVED,
  pkcs11js.CKR_TOKEN_NOT_PRESENT,
  pkcs11js.CKR_TOKEN_NOT_RECOGNIZED,
  pkcs11js.CKR_SLOT_ID_INVALID,
  pkcs11js.CKR_DEVICE_ERROR,
  pkcs11js.CKR_OPERATION_ACTIVE,
  pkcs11js.CKR_USER_NOT_LOGGED_IN,
]);
export const isStale = (cause: unknown): boolean => staleCodes.has(codeOf(cause));

/** The module itself is at its end; a new process is the only cure. */
const ruinedCodes: ReadonlySet<number | undefined> = new Set([
  pkcs11js.CKR_GENERAL_ERROR,
  pkcs11js.CKR_HOST_MEMORY,
  pkcs11js.CKR_CRYPTOKI_NOT_INITIALIZED,
  pkcs11js.CKR_FUNCTION_FAILED,
]);
export const isRuined = (cause: unknown): boolean => ruinedCodes.has(codeOf(cause));

/** Labels are padded with spaces by the standard, with zeros by some. */
export const trimmed = (text: string): string => text.replace(/[\0 ]+$/, "");

/** All objects that match; a module that never stops listing is stopped. */
export function findObjects(module: pkcs11js.PKCS11, session: Handle, template: Attributes): Handle[] {
  module.C_FindObjectsInit(session, template);
  try {
    const found: Handle[] = [];
    while (found.length < 1000) {
      const handle = module.C_FindObjects(session);
      if (handle === null) break;
      found.push(handle);
    }
    return found;
  } finally {
    module.C_FindObjectsFinal(session);
  }
}

/** One attribute's bytes; undefined when the object does not have it or does not tell. */
export function readAttribute(
  module: pkcs11js.PKCS11,
  session: Handle,
  from: { readonly object: Handle; readonly type: number },
): Buffer | undefined {
  try {
    return module.C_GetAttributeValue(session, from.object, [{ type: from.type }])[0]?.value;
  } catch (cause) {
    if (isStale(cause) || isRuined(cause)) throw cause;
    return undefined;
  }
}
