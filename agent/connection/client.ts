import type { Leash } from "../base/index.ts";
import type { Explanation, FailureCode } from "../contract/index.ts";
import type { End } from "./end.ts";
import type { Request } from "./request.ts";
import type { Limits, Route } from "./route.ts";
import type { Verdict } from "./verdict.ts";

/** What a listener tells its client, in the words of its protocol, when nothing is carried. */
export interface Refusal {
  readonly code: FailureCode;
  /** The short name by which person, support and record find this refusal. */
  readonly incident: string;
  /** For people; holds no secret. */
  readonly detail?: string;
  readonly verdict?: Verdict;
  /** What the rule's author wants the person to read, and to do. */
  readonly say?: string;
  readonly help?: string;
  /** The whole story, already cut to what the person may see. */
  readonly explanation?: Explanation;
}

/**
 * Why carrying ended. `finished`: both directions ended by themselves. `cut`: the leash was pulled and names the code. `denied`: the way
 * out said no in place of the destination, and the program was told so.
 */
export type CarriedWhy = "finished" | "idle" | "lifetime" | "client_reset" | "server_reset" | "cut" | "denied";

/** Bytes in the client's view: `up` was sent by it, `down` was received. */
export interface Carried {
  readonly why: CarriedWhy;
  readonly up: number;
  readonly down: number;
  readonly detail?: string;
  /** What the program was told instead of an answer. */
  readonly code?: FailureCode;
}

/** Carrying that goes on; `up` and `down` may be read at any moment and cost nothing to keep. */
export interface Carrying {
  readonly up: number;
  readonly down: number;
  /** Never rejects for anything that a peer does. */
  readonly ended: Promise<Carried>;
}

/**
 * The two verbs by which the conductor speaks to whoever asked. Listeners make one for each request; exactly one of the verbs is
 * called, once. `Upstream` is `agent/net`'s; this room knows no sockets.
 */
export interface Client<Upstream> {
  /** Tell the program that the way is open, in its own protocol, then move bytes until the end. It owns `upstream` from here on. */
  carry(upstream: Upstream, limits: Limits, leash: Leash): Carrying;
  /** Say no, and close or keep the connection as the protocol wants it. Resolves when the words are on their way. */
  refuse(refusal: Refusal): Promise<void>;
  /** When given: calls back if the program goes away before one of the verbs was used, so that nobody dials for it in vain. */
  onGone?(gone: () => void): void;
  /**
   * When given: an open way out that this client kept from an earlier request along one of these routes, so that nobody dials again.
   * Asked once the verdict is recorded; what it returns must be given to `carry`, or its leg destroyed. HTTP keep-alive.
   */
  kept?(routes: readonly Route[]): Upstream | undefined;
  /** When true: it sends one request for `http:` and understands the answer, so that a way out may do without a tunnel. */
  readonly isPlainHttp?: boolean;
}

/** What a listener calls with each request that it understood: the conductor. Never rejects. */
export type Serve<Upstream> = (request: Request, client: Client<Upstream>) => Promise<End>;
