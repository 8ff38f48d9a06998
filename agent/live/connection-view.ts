import type { Passage, Peer } from "../connection/index.ts";
import type { ConnectionView } from "../contract/index.ts";

/** What onlookers see of a passage at this moment. */
export function connectionView(passage: Passage, peer: Peer | undefined): ConnectionView {
  const { request, verdict, end } = passage;
  return {
    id: request.id,
    listener: request.listener,
    protocol: request.protocol,
    host: request.host,
    port: request.port,
    method: request.method,
    user: peer?.user,
    uid: peer?.uid,
    program: peer?.exe,
    pid: peer?.pid,
    state: passage.state,
    outcome: verdict?.outcome,
    rule: verdict?.rule,
    incident: passage.incident,
    backend: passage.backend,
    address: passage.address,
    startedAt: request.receivedAt,
    endedAt: passage.endedAt,
    up: passage.up,
    down: passage.down,
    end: end === undefined ? undefined : end.kind === "served" ? "served" : end.code,
    policyDigest: verdict?.policyDigest,
  };
}
