import { LegEnded } from "../../net/index.ts";
import type { Arrival, Reception } from "../reception.ts";
import { Http2Connection } from "./http2-connection.ts";
import { sessionBounds } from "./session-bounds.ts";

/**
 * Serve one connection that begins with the preface of HTTP/2, `first` and what follows it on the leg. Resolves as soon as it is served;
 * rejects with LegEnded if it is gone before.
 */
export async function serveHttp2(reception: Reception, arrival: Arrival, first: Buffer): Promise<void> {
  const { leg } = arrival;
  const ends = { remote: leg.remote, local: leg.local };
  leg.unread(first);
  const { performServerHandshake } = await import("node:http2");
  if (leg.closed) throw new LegEnded("closed");
  arrival.understood();
  const socket = leg.release();
  const connection = new Http2Connection({ reception, arrival, socket, ends });
  connection.serve(performServerHandshake(socket, sessionBounds));
}
