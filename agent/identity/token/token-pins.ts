import { AgentError, type Clock } from "../../base/index.ts";
import type { AnnounceTouch, AskPin, PinQuestion } from "../person.ts";
import type { Pin, TokenView } from "./messages.ts";
import { agentError, failureOf } from "./token-errors.ts";

export interface TokenPinsOptions {
  readonly askPin: AskPin;
  readonly announceTouch: AnnounceTouch;
  readonly clock: Clock;
}

/** What a PIN is for, and how it is given to the token. */
export interface PinUse<T> {
  readonly identity: string;
  /** The key wants it for each signature. */
  readonly isForOneUse: boolean;
  use(pin: Pin): Promise<T>;
}

/** Wrong PINs that one question of ours may cost. */
const triesAtOnce = 3;
/** After a "no" or a lock the person is left in peace that long, however many connections would like to ask. */
const peaceMs = 10_000;

/** Asks the person for PINs: once for all who wait, again while it is wrong, and not at once after a "no". */
export class TokenPins {
  readonly #options: TokenPinsOptions;
  readonly #logins = new Map<string, Promise<void>>();
  readonly #peace = new Map<string, { readonly until: number; readonly why: AgentError }>();

  constructor(options: TokenPinsOptions) {
    this.#options = options;
  }

  /** The PIN that holds until logout. However many ask at the same time, the person is asked once. */
  logIn(token: TokenView, use: PinUse<unknown>): Promise<void> {
    const name = nameOf(token);
    const running = this.#logins.get(name);
    if (running !== undefined) return running;
    const login = this.giveEachTime(token, use)
      .then(() => undefined)
      .finally(() => this.#logins.delete(name));
    this.#logins.set(name, login);
    return login;
  }

  /** The PIN for one signature. */
  async giveEachTime<T>(token: TokenView, use: PinUse<T>): Promise<T> {
    const name = nameOf(token);
    const peace = this.#peace.get(name);
    if (peace !== undefined && this.#options.clock.monotonic() < peace.until) throw peace.why;
    this.#peace.delete(name);
    try {
      return await (token.hasPinPad ? this.#atReader(token, use) : this.#ask(token, use));
    } catch (cause) {
      if (cause instanceof AgentError && (cause.code === "IDENTITY_PIN" || cause.code === "IDENTITY_LOCKED"))
        this.#peace.set(name, { until: this.#options.clock.monotonic() + peaceMs, why: cause });
      throw cause;
    }
  }

  /** Somebody logs out on purpose: what was refused before counts no more. */
  forget(): void {
    this.#peace.clear();
  }

  /** Ask and use, again while it is wrong. */
  async #ask<T>(token: TokenView, { identity, isForOneUse, use }: PinUse<T>): Promise<T> {
    let view = token;
    for (let tried = 0; ; tried += 1) {
      const question = { identity, isForOneUse, token: view.label, why: tried === 0 ? "needed" : "wrong", tries: triesOf(view) } as const;
      const pin = await this.#options.askPin(question);
      if (pin === undefined) throw new AgentError("IDENTITY_PIN", `the PIN of token "${view.label}" was not given`);
      try {
        return await use(pin);
      } catch (cause) {
        const failure = failureOf(cause);
        if (failure.problem !== "PIN_WRONG" || tried + 1 >= triesAtOnce) throw agentError(failure, identity);
        view = failure.token ?? view;
      } finally {
        pin.fill(0);
      }
    }
  }

  /** The reader asks by itself, shows its own tries, and takes the PIN nowhere near us. */
  async #atReader<T>(token: TokenView, { identity, use }: PinUse<T>): Promise<T> {
    const notice = { identity, token: token.label, kind: "keypad" } as const;
    for (let tried = 0; ; tried += 1) {
      this.#options.announceTouch({ ...notice, isOver: false });
      try {
        return await use("at-reader");
      } catch (cause) {
        const failure = failureOf(cause);
        if (failure.problem !== "PIN_WRONG" || tried + 1 >= triesAtOnce) throw agentError(failure, identity);
      } finally {
        this.#options.announceTouch({ ...notice, isOver: true });
      }
    }
  }
}

const nameOf = ({ serial, label }: TokenView): string => `${serial}/${label}`;

const triesOf = ({ pin }: TokenView): PinQuestion["tries"] => (pin === "last-try" ? "last" : pin === "few-tries" ? "few" : "unknown");
