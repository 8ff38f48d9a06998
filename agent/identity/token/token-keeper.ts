import { AgentError, type Clock } from "../../base/index.ts";
import type { FailureCode } from "../../contract/index.ts";
import type { TokenPick } from "../pkcs11-uri.ts";
import type { AnnounceTouch, AskPin, PinQuestion } from "../person.ts";
import { TokenFailure, type TokenOperation, type TokenProblem, type TokenRequest, type TokenResult, type TokenView } from "./messages.ts";
import type { TokenHost } from "./token-host.ts";

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

/** An operation longer than this most likely waits for a touch. */
const touchMs = 700;
/** Wrong PINs that one question of ours may cost. */
const triesAtOnce = 3;
/** After a "no" the person is left in peace that long, however many connections would like to ask. */
const peaceMs = 10_000;

/** Puts questions to a token and does what is in the way: asks for the PIN once, starts over after a crash, announces a touch. */
export class TokenKeeper {
  readonly #options: TokenKeeperOptions;
  readonly #logins = new Map<string, Promise<void>>();
  readonly #peaceUntil = new Map<string, number>();

  constructor(options: TokenKeeperOptions) {
    this.#options = options;
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
        else if (failure.problem === "PIN_NEEDED" && failure.token?.loggedIn === true)
          return await this.#askEachTime(request, identity, failure.token);
        else if (failure.problem === "PIN_NEEDED" && failure.token !== undefined && logins < 2) {
          logins += 1;
          await this.#login(failure.token, identity);
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

  /** Forget the login. Ending the process is the one way that every module understands. */
  logout(): void {
    this.#options.host.stop();
  }

  #put<O extends TokenOperation>(request: RequestOf<O>, identity: string): Promise<TokenResult<O>> {
    const { host, clock, announceTouch } = this.#options;
    const mayNeedTouch = request.op === "sign" || request.op === "request" || request.op === "generate";
    if (!mayNeedTouch) return host.ask(request, { timeoutMs: timeouts[request.op] });
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
    return host.ask(request, { timeoutMs: timeouts[request.op], started }).finally(() => {
      stopTimer();
      if (isAnnounced) announceTouch({ ...notice, isOver: true });
    });
  }

  /** Logs in once, however many ask at the same time. */
  #login(token: TokenView, identity: string): Promise<void> {
    const name = `${token.serial}/${token.label}`;
    const running = this.#logins.get(name);
    if (running !== undefined) return running;
    const login = this.#askAndLogin(token, identity, name).finally(() => this.#logins.delete(name));
    this.#logins.set(name, login);
    return login;
  }

  async #askAndLogin(token: TokenView, identity: string, name: string): Promise<void> {
    const { clock } = this.#options;
    if (clock.monotonic() < (this.#peaceUntil.get(name) ?? 0))
      throw new AgentError("IDENTITY_PIN", `the PIN of token "${token.label}" was not given a moment ago`);
    const pick = { label: token.label, serial: token.serial, slot: token.slot };
    const answered = await this.#withPin(token, { identity, isForOneUse: false }, (pin) =>
      this.#put<"login">({ op: "login", token: pick, pin }, identity),
    );
    if (answered !== undefined) return;
    this.#peaceUntil.set(name, clock.monotonic() + peaceMs);
    throw new AgentError("IDENTITY_PIN", `the PIN of token "${token.label}" was not given`);
  }

  async #askEachTime<O extends TokenOperation>(request: RequestOf<O>, identity: string, token: TokenView): Promise<TokenResult<O>> {
    const result = await this.#withPin(token, { identity, isForOneUse: true }, (pin) =>
      this.#put<O>({ ...request, pin } as never, identity),
    );
    if (result === undefined) throw new AgentError("IDENTITY_PIN", `the PIN of token "${token.label}" was not given`);
    return result;
  }

  /** Ask and use, again while it is wrong. undefined: the person said no. */
  async #withPin<T>(
    token: TokenView,
    about: Pick<PinQuestion, "identity" | "isForOneUse">,
    use: (pin: Uint8Array) => Promise<T>,
  ): Promise<T | undefined> {
    let view = token;
    for (let tried = 0; ; tried += 1) {
      const question = { ...about, token: view.label, why: tried === 0 ? "needed" : "wrong", tries: triesOf(view) } as const;
      const pin = await this.#options.askPin(question);
      if (pin === undefined) return undefined;
      try {
        return await use(pin);
      } catch (cause) {
        const failure = failureOf(cause);
        if (failure.problem !== "PIN_WRONG" || tried + 1 >= triesAtOnce) throw agentError(failure, about.identity);
        view = failure.token ?? view;
      } finally {
        pin.fill(0);
      }
    }
  }
}

const triesOf = ({ pin }: TokenView): PinQuestion["tries"] => (pin === "last-try" ? "last" : pin === "few-tries" ? "few" : "unknown");

const failureOf = (cause: unknown): TokenFailure => {
  if (cause instanceof TokenFailure) return cause;
  throw cause;
};

const codes = {
  TOKEN_ABSENT: "IDENTITY_ABSENT",
  TOKEN_AMBIGUOUS: "IDENTITY_KEY",
  KEY_ABSENT: "IDENTITY_KEY",
  KEY_MISMATCH: "IDENTITY_KEY",
  PIN_NEEDED: "IDENTITY_PIN",
  PIN_WRONG: "IDENTITY_PIN",
  PIN_LOCKED: "IDENTITY_LOCKED",
  PIN_PAD: "IDENTITY_MODULE",
  NOT_SIGNED: "IDENTITY_REFUSED",
  MODULE: "IDENTITY_MODULE",
  SILENT: "IDENTITY_TIMEOUT",
  CRASHED: "IDENTITY_MODULE",
} as const satisfies Record<TokenProblem, FailureCode>;

const agentError = (failure: TokenFailure, identity: string): AgentError =>
  new AgentError(codes[failure.problem], `identity \`${identity}\`: ${failure.message}`, { cause: failure });
