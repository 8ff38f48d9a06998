import type { Facts, Request } from "../connection/index.ts";
import type { DecideOptions, Policy } from "../policy/index.ts";

/** By which policy and which facts a request was judged, for as long as anybody remembers the request. */
export interface Judged {
  readonly policy: Policy;
  readonly facts: Facts;
  readonly options: DecideOptions;
}

export interface Memory {
  keep(request: Request, judged: Judged): void;
  find(request: Request): Judged | undefined;
}

/** Bound to the life of the request object itself: what nobody lists any more is forgotten without a sweep. */
export function createMemory(): Memory {
  const kept = new WeakMap<Request, Judged>();
  return { keep: (request, judged) => void kept.set(request, judged), find: (request) => kept.get(request) };
}
