import type { X509Certificate } from "node:crypto";
import { AgentError } from "../../base/index.ts";
import type { Secure } from "../reach-server.ts";

/** Has the last word on a server that was recognised. Undefined: it is welcome; otherwise why not. Never rejects. */
export type Judge = (peer: X509Certificate) => Promise<string | undefined>;

/**
 * TLS after which one more is asked before the first byte. A resumed session is judged again, by the certificate that was shown when it
 * began. Nothing that held before holds less.
 */
export function judged(secure: Secure, judge: Judge): Secure {
  const asking: Secure = async (below, again) => {
    const secured = await secure(below, again);
    const { stream, peer } = secured;
    // The server may hang up in between; whoever uses the stream next will find that out.
    stream.on("error", ignoreFoundLater);
    const why = peer === undefined ? "the server showed no certificate" : await judge(peer);
    if (why !== undefined) {
      stream.destroy();
      throw new AgentError("TLS_PLUGIN_REFUSED", why);
    }
    if (stream.destroyed) throw new AgentError("TLS_BROKEN_OFF", "closed while its certificate was judged");
    stream.off("error", ignoreFoundLater);
    return secured;
  };
  return Object.assign(asking, pick(secure));
}

function pick({ ready, person }: Secure): Pick<Secure, "ready" | "person"> {
  return { ...(ready === undefined ? {} : { ready }), ...(person === undefined ? {} : { person }) };
}

function ignoreFoundLater(): void {}
