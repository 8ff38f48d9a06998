import pkcs11js from "pkcs11js";
import type { TokenPick } from "../pkcs11-uri.ts";
import { codeOf, type Handle, isRuined, isStale, nameOf, trimmed } from "./cryptoki.ts";
import { TokenFailure, type TokenView } from "./messages.ts";

/** CK_ULONG as a number; slot numbers of some modules fill all bits, which a double rounds, so this is for showing and comparing only. */
const slotNumber = (slot: Handle): number => (slot.length >= 8 ? Number(slot.readBigUInt64LE(0)) : slot.readUInt32LE(0));

/** CKS_RO_USER_FUNCTIONS and CKS_RW_USER_FUNCTIONS (PKCS#11 section 3.4). */
const userStates: ReadonlySet<number> = new Set([1, 3]);

/** The tokens that are there and one session for each that is used. Whoever meets a stale handle calls `forget` and asks again. */
export class TokenSlots {
  readonly #module: pkcs11js.PKCS11;
  readonly #sessions = new Map<string, Handle>();

  constructor(module: pkcs11js.PKCS11) {
    this.#module = module;
  }

  list(): { readonly slot: Handle; readonly view: TokenView }[] {
    const slots = this.#module.C_GetSlotList(true);
    const there = new Set(slots.map((slot) => slot.toString("hex")));
    for (const slot of this.#sessions.keys()) if (!there.has(slot)) this.#sessions.delete(slot);
    return slots.flatMap((slot) => {
      const view = this.#look(slot);
      return view === undefined ? [] : [{ slot, view }];
    });
  }

  /** The one token that `pick` names. */
  pick(pick: TokenPick): { readonly slot: Handle; readonly view: TokenView } {
    const found = this.#matching(pick);
    const [one, other] = found.length > 0 || this.#sessions.size > 0 ? found : this.#lookAgain(pick);
    if (one === undefined) throw new TokenFailure("TOKEN_ABSENT", `no token ${describePick(pick)} is there`);
    if (other !== undefined) throw new TokenFailure("TOKEN_AMBIGUOUS", `several tokens match ${describePick(pick)}; add its serial number`);
    return one;
  }

  session(slot: Handle): Handle {
    const key = slot.toString("hex");
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const session = this.#module.C_OpenSession(slot, pkcs11js.CKF_SERIAL_SESSION | pkcs11js.CKF_RW_SESSION);
    this.#sessions.set(key, session);
    return session;
  }

  /** Another session in place of one whose operation cannot be finished. It is opened first: with the last session the login would end. */
  renew(slot: Handle): void {
    const old = this.session(slot);
    this.#sessions.delete(slot.toString("hex"));
    this.session(slot);
    this.#module.C_CloseSession(old);
  }

  /** Whether the person is logged in, as the token itself says. */
  isLoggedIn(slot: Handle): boolean {
    const { state } = this.#module.C_GetSessionInfo(this.session(slot));
    return userStates.has(state);
  }

  /** Let go of every session: their handles are worth nothing. Logins go with them, as the standard wants. */
  forget(): void {
    for (const session of this.#sessions.values()) {
      try {
        this.#module.C_CloseSession(session);
      } catch {
        // It is gone already, which is why we are here.
      }
    }
    this.#sessions.clear();
  }

  #matching(pick: TokenPick): { readonly slot: Handle; readonly view: TokenView }[] {
    return this.list().filter(({ view }) => matches(view, pick));
  }

  /** Some modules look for new tokens only when they begin. With no session open, nothing is lost by beginning again. */
  #lookAgain(pick: TokenPick): { readonly slot: Handle; readonly view: TokenView }[] {
    this.#module.C_Finalize();
    this.#module.C_Initialize({ flags: pkcs11js.CKF_OS_LOCKING_OK });
    return this.#matching(pick);
  }

  /** undefined: nothing usable in this slot. */
  #look(slot: Handle): TokenView | undefined {
    try {
      const token = this.#module.C_GetTokenInfo(slot);
      if ((token.flags & pkcs11js.CKF_TOKEN_INITIALIZED) === 0) return undefined;
      return {
        slot: slotNumber(slot),
        label: trimmed(token.label),
        serial: trimmed(token.serialNumber),
        manufacturer: trimmed(token.manufacturerID),
        model: trimmed(token.model),
        needsLogin: (token.flags & pkcs11js.CKF_LOGIN_REQUIRED) !== 0,
        loggedIn: this.#sessions.has(slot.toString("hex")) && this.#isStillLoggedIn(slot),
        hasPinPad: (token.flags & pkcs11js.CKF_PROTECTED_AUTHENTICATION_PATH) !== 0,
        pin: pinState(token.flags),
      };
    } catch (cause) {
      if (isRuined(cause) || codeOf(cause) === undefined) throw new TokenFailure("MODULE", nameOf(cause));
      if (isStale(cause)) this.#sessions.delete(slot.toString("hex"));
      return undefined;
    }
  }

  /** A session that ended (the token slept, or was taken out and put back) took its login with it; the token itself is there. */
  #isStillLoggedIn(slot: Handle): boolean {
    try {
      return this.isLoggedIn(slot);
    } catch (cause) {
      if (!isStale(cause)) throw cause;
      this.#sessions.delete(slot.toString("hex"));
      return false;
    }
  }
}

function pinState(flags: number): TokenView["pin"] {
  if ((flags & pkcs11js.CKF_USER_PIN_LOCKED) !== 0) return "locked";
  if ((flags & pkcs11js.CKF_USER_PIN_FINAL_TRY) !== 0) return "last-try";
  return (flags & pkcs11js.CKF_USER_PIN_COUNT_LOW) !== 0 ? "few-tries" : "unknown-tries";
}

function matches(view: TokenView, { label, serial, manufacturer, model, slot }: TokenPick): boolean {
  const says = (wanted: string | number | undefined, is: string | number) => wanted === undefined || wanted === is;
  return (
    says(label, view.label) &&
    says(serial, view.serial) &&
    says(manufacturer, view.manufacturer) &&
    says(model, view.model) &&
    says(slot, view.slot)
  );
}

function describePick({ label, serial, slot }: TokenPick): string {
  if (label !== undefined) return `"${label}"`;
  return serial !== undefined ? `with serial number ${serial}` : slot !== undefined ? `in slot ${slot}` : "at all";
}
