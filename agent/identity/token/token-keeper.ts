import type { Clock } from "../../base/index.ts";
import type { TokenPick } from "../pkcs11-uri.ts";
import type { AnnounceTouch, AskPin } from "../person.ts";
import type { Pin, TokenOperation, TokenRequest, TokenResult, TokenView } from "./messages.ts";
import { agentError, failureOf } from "./token-errors.ts";
import type { TokenHost } from "./token-host.ts";
import { TokenPins } from "./token-pins.ts";

export interface TokenKeeperOptions {
  readonly host: TokenHost;
  readonly askPin: AskPin;
  readonly announceTouch: AnnounceTouch;
  readonly clock: Clock;
}

type RequestOf<O extends TokenOperation> = Extract<TokenRequest, { readonly op: O }>;

/** How long a token may take, by operation. A signature may wait for a finger, making an RSA key for luck. */
const timeouts: { readonly [O in TokenOperation]: number } = {
  list: 20_000,
  find: 20_000,
  look: 10_000,
  login: 30_000,
  logout: 10_000,
  sign: 60_000,
  generate: 120_000,
  request: 60_000,
  import: 30_000,
};
/** Readers give up by themselves after half a minute or so; this is for those that do not. */
const atReaderMs = 90_000;

/** An operation longer than this most likely waits for a touch. */
const touchMs = 700;

/** Puts questions to a token and does what is in the way: asks for the PIN once, starts over after a crash, announces a touch. */
export class TokenKeeper {
  readonly #options: TokenKeeperOptions;
  readonly #pins: TokenPins;

  constructor(options: TokenKeeperOptions) {
    this.#options = options;
    this.#pins = new TokenPins(options);
  }

  /** Rejects with AgentError (IDENTITY_*). */
  async ask<O extends TokenOperation>(request: RequestOf<O>, identity: string): Promise<TokenResult<O>> {
    let isSecondLife = false;
    let logins = 0;
    for (;;) {
      try {
        return await this.#put(request, identity);
      } catch (cause) {
        const failure = failureOf(cause);
        if (failure.problem === "CRASHED" && !isSecondLife) isSecondLife = true;
        else if (failure.problem === "PIN_NEEDED" && failure.token?.loggedIn === true) {
          const use = (pin: Pin): Promise<TokenResult<O>> => this.#put<O>({ ...request, ...sourceOf(pin) } as never, identity, pin);
          return await this.#pins.giveEachTime(failure.token, { identity, isForOneUse: true, use });
        } else if (failure.problem === "PIN_NEEDED" && failure.token !== undefined && logins < 2) {
          logins += 1;
          await this.#logIn(failure.token, identity);
        } else throw agentError(failure, identity);
      }
    }
  }

  /** Whether the token is there, as far as can be told; a module in trouble counts as "yes", because it will be back. */
  async isPresent(token: TokenPick): Promise<boolean> {
    try {
      await this.#options.host.ask<"look">({ op: "look", token }, { timeoutMs: timeouts.look });
      return true;
    } catch (cause) {
      return failureOf(cause).problem !== "TOKEN_ABSENT";
    }
  }

  /** Whether a key of it can be used at once: it is there, and nobody has to log in first. */
  async isReady(token: TokenPick): Promise<boolean> {
    try {
      const { needsLogin, loggedIn } = await this.#options.host.ask<"look">({ op: "look", token }, { timeoutMs: timeouts.look });
      return loggedIn || !needsLogin;
    } catch (cause) {
      failureOf(cause);
      return false;
    }
  }

  /** Forget the login. Ending the process is the one way that every module understands. */
  logout(): void {
    this.#pins.forget();
    this.#options.host.logOut();
  }

  #logIn(token: TokenView, identity: string): Promise<void> {
    const { label, serial, slot } = token;
    const use = (pin: Pin): Promise<unknown> =>
      this.#put<"login">({ op: "login", token: { label, serial, slot }, ...sourceOf(pin) }, identity, pin);
    return this.#pins.logIn(token, { identity, isForOneUse: false, use });
  }

  #put<O extends TokenOperation>(request: RequestOf<O>, identity: string, pin?: Pin): Promise<TokenResult<O>> {
    const { host, clock, announceTouch } = this.#options;
    const isAtReader = pin === "at-reader";
    const timeoutMs = isAtReader ? Math.max(atReaderMs, timeouts[request.op]) : timeouts[request.op];
    const options = { timeoutMs, ...(pin instanceof Uint8Array ? { pin } : {}) };
    const mayNeedTouch = request.op === "sign" || request.op === "request" || request.op === "generate";
    // A reader that asks for a PIN was announced already.
    if (!mayNeedTouch || isAtReader) return host.ask(request, options);
    const token = "pick" in request ? request.pick.token.label : undefined;
    const notice = { identity, token: token ?? identity };
    let isAnnounced = false;
    let stopTimer = (): void => undefined;
    const started = () => {
      stopTimer = clock.after(touchMs, () => {
        isAnnounced = true;
        announceTouch({ ...notice, isOver: false });
      });
    };
    return host.ask(request, { ...options, started }).finally(() => {
      stopTimer();
      if (isAnnounced) announceTouch({ ...notice, isOver: true });
    });
  }
}

/** What a message says of a PIN: its bytes go beside it. */
const sourceOf = (pin: Pin): { readonly pin: "at-reader" | number } => ({ pin: pin === "at-reader" ? pin : pin.length });
