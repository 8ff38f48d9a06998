/** What a key store may ask of the person at the machine. `agent/main` passes it on to the screen, the command line, or a file. */
export interface PinQuestion {
  /** The identity as configured, and the token as it calls itself. */
  readonly identity: string;
  readonly token: string;
  readonly why: "needed" | "wrong";
  /** As far as the token tells. `last`: one more wrong PIN locks it, so it must not be answered without the person's knowledge. */
  readonly tries: "unknown" | "few" | "last";
  /** The key wants its PIN for every signature; otherwise once until logout. */
  readonly isForOneUse: boolean;
  /** When it is no PIN. */
  readonly wants?: "password" | "one-time token";
}

/**
 * Answers with the PIN as UTF-8, or undefined for "no". Whoever takes the answer overwrites it with zeros after use, so it must be a
 * buffer of its own.
 */
export type AskPin = (question: PinQuestion) => Promise<Uint8Array | undefined>;

/**
 * An operation takes longer than a moment: most likely the key blinks and waits to be touched; or, by `kind`, the reader waits for the
 * PIN on its own keypad. `isOver` takes it back.
 */
export interface TouchNotice {
  readonly identity: string;
  readonly token: string;
  /** Default `touch`. */
  readonly kind?: "touch" | "keypad";
  readonly isOver: boolean;
}
export type AnnounceTouch = (notice: TouchNotice) => void;
