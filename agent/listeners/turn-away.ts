import type { Protocol } from "../connection/index.ts";
import type { FailureCode } from "../contract/index.ts";
import type { Arrival, Reception } from "./reception.ts";

/** Report a client that is refused before it has a request, and get the incident for the answer. */
export function turnAway(
  reception: Reception,
  arrival: Arrival,
  refused: { protocol: Protocol; code: FailureCode; detail: string },
): string {
  const { admission, origin } = arrival;
  return reception.turnedAway({ listener: reception.listener, origin, peer: admission.peer, ...refused });
}
