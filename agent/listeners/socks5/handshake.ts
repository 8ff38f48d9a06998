import type { FailureCode } from "../../contract/index.ts";
import type { CheckLogin } from "../login.ts";
import { formatLoginStatus, formatMethod, formatReply } from "./format-reply.ts";
import { METHOD, parseGreeting, parseLogin, parseSocksRequest, type SocksRequest } from "./message.ts";
import { socksReplyCode } from "./reply-code.ts";

/** What to do after some bytes. `answer`, when there is one, is sent first. */
export type SocksStep =
  | { readonly kind: "more"; readonly answer: Uint8Array | undefined }
  /** `rest`: what the program sent behind its request. It belongs to the tunnel. */
  | { readonly kind: "request"; readonly answer: Uint8Array | undefined; readonly request: SocksRequest; readonly rest: Buffer }
  | { readonly kind: "refuse"; readonly answer: Uint8Array | undefined; readonly code: FailureCode; readonly detail: string };

/**
 * The server's side of greeting, login and request, without a socket: bytes are pushed in, steps come out. It takes all messages that
 * are there in one go, so a program that sends everything in one packet is served in one go.
 *
 * INVARIANT: the same bytes cut anywhere give the same answers and the same last step (`handshake.prop.test.ts`).
 */
export class SocksHandshake {
  readonly #checkLogin: CheckLogin | undefined;
  #awaits: "greeting" | "login" | "request" = "greeting";
  #unparsed: Buffer | undefined;
  #answer: Uint8Array | undefined;

  /** Without `checkLogin` nobody has to log in; who insists may do so with any name. */
  constructor(checkLogin: CheckLogin | undefined) {
    this.#checkLogin = checkLogin;
  }

  /** Not to be called again after a `request` or `refuse`. */
  push(chunk: Buffer): SocksStep {
    let bytes = this.#unparsed === undefined ? chunk : Buffer.concat([this.#unparsed, chunk]);
    this.#answer = undefined;
    for (;;) {
      const taken = this.#takeMessage(bytes);
      if (typeof taken !== "number") return taken;
      if (taken === 0) break;
      bytes = bytes.subarray(taken);
    }
    // INVARIANT: what waits here is bounded, because no message is longer than 513 bytes.
    this.#unparsed = bytes;
    return { kind: "more", answer: this.#answer };
  }

  /** How many bytes the next message took, 0 when it is not complete; or the last step. */
  #takeMessage(bytes: Buffer): number | SocksStep {
    switch (this.#awaits) {
      case "greeting":
        return this.#takeGreeting(bytes);
      case "login":
        return this.#takeLogin(bytes);
      case "request":
        return this.#takeRequest(bytes);
    }
  }

  #takeGreeting(bytes: Buffer): number | SocksStep {
    const parsed = parseGreeting(bytes);
    if (parsed.kind === "more") return 0;
    if (parsed.kind === "bad") return this.#refuse(parsed, undefined);
    const method = this.#chooseMethod(parsed.value);
    if (method === METHOD.unacceptable) {
      const detail = this.#checkLogin === undefined ? "no method offered that is served" : "user name and password are needed";
      return this.#refuse({ code: "SOCKS_METHOD", detail }, formatMethod(method));
    }
    this.#say(formatMethod(method));
    this.#awaits = method === METHOD.login ? "login" : "request";
    return parsed.length;
  }

  /** Any order of offers is good, and so are offers that we do not know: curl offers GSSAPI beside the others. */
  #chooseMethod(offered: Uint8Array): number {
    if (this.#checkLogin === undefined && offered.includes(METHOD.none)) return METHOD.none;
    return offered.includes(METHOD.login) ? METHOD.login : METHOD.unacceptable;
  }

  #takeLogin(bytes: Buffer): number | SocksStep {
    const parsed = parseLogin(bytes);
    if (parsed.kind === "more") return 0;
    if (parsed.kind === "bad") return this.#refuse(parsed, formatLoginStatus(false));
    const accepted = this.#checkLogin?.(parsed.value.user, parsed.value.password) ?? true;
    if (!accepted) return this.#refuse({ code: "SOCKS_AUTH", detail: "wrong user name or password" }, formatLoginStatus(false));
    this.#say(formatLoginStatus(true));
    this.#awaits = "request";
    return parsed.length;
  }

  #takeRequest(bytes: Buffer): number | SocksStep {
    const parsed = parseSocksRequest(bytes);
    if (parsed.kind === "more") return 0;
    if (parsed.kind === "bad") return this.#refuse(parsed, formatReply(socksReplyCode[parsed.code]));
    return { kind: "request", answer: this.#answer, request: parsed.value, rest: bytes.subarray(parsed.length) };
  }

  #refuse(why: { readonly code: FailureCode; readonly detail: string }, answer: Uint8Array | undefined): SocksStep {
    if (answer !== undefined) this.#say(answer);
    return { kind: "refuse", answer: this.#answer, code: why.code, detail: why.detail };
  }

  #say(answer: Uint8Array): void {
    this.#answer = this.#answer === undefined ? answer : Buffer.concat([this.#answer, answer]);
  }
}
