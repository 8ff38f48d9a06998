import type { ClientHttp2Session } from "node:http2";
import { LegEnded } from "../../net/index.ts";
import type { StartCarrier } from "../carrier.ts";
import { type DialFailure, dialFailed } from "../dialler.ts";
import type { ReadAuthorization } from "../http-connect.ts";
import type { Http2CarrierOptions } from "./http2-carrier.ts";

/** What one tunnel may have under way towards us; a reader that stalls makes us hold as much. */
const STREAM_WINDOW = 1024 * 1024;
/** What all of them may have under way. The runtime gives it back at once, so that stalled tunnels do not hold up the others. */
const CONNECTION_WINDOW = 16 * 1024 * 1024;
/**
 * In megabytes. The runtime counts what waits to be sent, and refuses answers to new tunnels when it is much; each tunnel is bounded by its
 * own queue already.
 */
const SESSION_MEMORY = 1024;

export interface Http2Options extends Pick<Http2CarrierOptions, "wheel"> {
  readonly readAuthorization?: ReadAuthorization;
}

/**
 * Many CONNECT tunnels on one connection of HTTP/2 (RFC 9113 section 8.5). The proxy resolves names. `node:http2` is loaded with the first
 * connection: it takes 5 MB.
 */
export function createHttp2Start({ wheel, readAuthorization }: Http2Options): StartCarrier {
  return async (leg, watcher) => {
    const [{ connect }, { Http2Carrier }] = await Promise.all([import("node:http2"), import("./http2-carrier.ts")]);
    if (leg.closed) throw new LegEnded("closed");
    const { remote, local } = leg;
    const below = leg.release();
    const session = connect("http://proxy.invalid", {
      createConnection: () => below,
      maxSessionMemory: SESSION_MEMORY,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
    });
    session.setLocalWindowSize(CONNECTION_WINDOW);
    // A released socket does not read before it is asked to, and the session takes for granted that it does.
    below.read(0);
    // HTTP/2 knows no half-open connection; the legs below do.
    below.once("end", () => below.destroy());
    const failure = await greeted(session);
    if (failure !== undefined) {
      session.destroy();
      return failure;
    }
    const ends = { remote, local };
    return { kind: "open", carrier: new Http2Carrier({ session, below, ends, wheel, watcher, readAuthorization }) };
  };
}

/**
 * Until the server's settings are here: they say how many tunnels it allows, and a server that refuses our certificate says so instead of
 * sending any. Rejects with LegEnded when the server goes away.
 */
function greeted(session: ClientHttp2Session): Promise<DialFailure | undefined> {
  return new Promise((resolve, reject) => {
    session.once("remoteSettings", () => resolve(undefined));
    session.on("error", (cause: NodeJS.ErrnoException) => {
      const failure = failureOf(cause);
      if (failure === undefined) reject(new LegEnded("reset"));
      else resolve(failure);
    });
    session.once("close", () => reject(new LegEnded("ended")));
  });
}

/** Undefined: the connection broke, and whoever opened it knows better why. */
function failureOf({ code, message }: NodeJS.ErrnoException): DialFailure | undefined {
  if (code === "ERR_HTTP2_ERROR") return { ...dialFailed("DIAL_PROTOCOL", "the server does not speak HTTP/2"), isBackendDown: true };
  if (code === "ERR_HTTP2_SESSION_ERROR")
    return { ...dialFailed("DIAL_BACKEND_FAILED", `the server ended the connection: ${message}`), isBackendDown: true };
  return undefined;
}
