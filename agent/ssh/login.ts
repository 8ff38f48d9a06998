import type { Attempt } from "ssh2";
import { AgentError } from "../base/index.ts";
import { type DialFailure, dialFailed } from "../dial/index.ts";
import type { Credential } from "./keys/ssh-key.ts";

export interface LoginOptions {
  readonly username: string;
  readonly whileAsking: <T>(work: Promise<T>) => Promise<T>;
}

/** Proving to one server who we are: what is configured, in its order, as far as the server takes it. */
export class Login {
  readonly #username: string;
  readonly #left: Prepared[];
  readonly #tried: string[] = [];
  readonly #troubles: Error[] = [];

  private constructor(username: string, prepared: readonly Prepared[]) {
    this.#username = username;
    this.#left = [...prepared];
  }

  static async create(credentials: readonly Credential[], { username, whileAsking }: LoginOptions): Promise<Login> {
    const { OwnKeys } = await import("./keys/own-keys.ts");
    const prepare = (credential: Credential): Prepared => {
      const { kind, says } = credential;
      if (kind === "password") return { method: "password", says, attempt: async () => passwordAttempt(username, await credential.read()) };
      const agent = kind === "agent" ? credential.socketPath : new OwnKeys({ open: credential.open, whileAsking });
      return { method: "publickey", says, attempt: () => Promise.resolve({ type: "agent", username, agent }) };
    };
    return new Login(username, credentials.map(prepare));
  }

  /** As the library asks: what to try next, given what the server still takes (RFC 4252 section 5.1). */
  readonly next = (methodsLeft: readonly string[] | null, _partial: boolean | null, next: (attempt: Attempt | false) => void): void => {
    const one = this.#left.shift();
    if (one === undefined) return next(false);
    if (methodsLeft !== null && !methodsLeft.includes(one.method)) {
      this.#tried.push(`${one.says}: the server takes only ${methodsLeft.join(", ")}`);
      return this.next(methodsLeft, _partial, next);
    }
    this.#tried.push(one.says);
    one.attempt().then(next, (cause: unknown) => {
      this.note(cause instanceof Error ? cause : new Error(String(cause)));
      this.next(methodsLeft, _partial, next);
    });
  };

  /** Something of ours did not work; the server may still take something else. */
  note(cause: Error): void {
    this.#troubles.push(cause);
  }

  /** Nothing was accepted. What went wrong on our side says more than the server's "no". */
  refused(): DialFailure {
    const [trouble] = this.#troubles;
    const tried = this.#tried.length === 0 ? "nothing to log in with is configured" : `tried ${this.#tried.join("; ")}`;
    const detail = `the server does not let \`${this.#username}\` in (${tried})`;
    const code = trouble instanceof AgentError ? trouble.code : "DIAL_BACKEND_AUTH";
    const why = trouble instanceof AgentError ? trouble.detail : trouble?.message;
    return { ...dialFailed(code, why === undefined ? detail : `${why}; ${detail}`), sent: true, isBackendDown: true };
  }
}

interface Prepared {
  readonly method: "publickey" | "password";
  readonly says: string;
  readonly attempt: () => Promise<Attempt>;
}

function passwordAttempt(username: string, password: string): Attempt {
  return { type: "password", username, password: Buffer.from(password) };
}
