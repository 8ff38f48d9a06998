import type { AgentError } from "../base/index.ts";
import type { Address, Leg } from "./leg.ts";

/** A way out that is open: from here bytes can travel. Whoever holds it must splice it or destroy its leg. */
export interface Upstream {
  readonly leg: Leg;
  /** Name of the backend that opened it; `direct` for none. */
  readonly backend: string;
  /** Our own end, as SOCKS5 must report it. Through a backend: the address that the far side bound, when it says so. */
  readonly local: Address;
  /** What was reached: the destination itself, or the backend. */
  readonly remote: Address;
  /** Present: no tunnel but an HTTP proxy, which wants each request in absolute form. */
  readonly forward?: {
    /** Host and port as they stand in the request. */
    readonly authority: string;
    /** For `Proxy-Authorization`. */
    readonly authorization?: string;
    /** The proxy's own no, in our words; nothing for what any server may answer. */
    readonly refusal: (answer: ProxyAnswer) => AgentError | undefined;
  };
}

/** The head of what an HTTP proxy answers. */
export interface ProxyAnswer {
  readonly status: number;
  readonly reason: string;
  /** Schemes that the proxy offers in `Proxy-Authenticate`. */
  readonly schemes: readonly string[];
}
