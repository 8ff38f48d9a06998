import type { Audit } from "../audit/index.ts";
import { type Clock, formatCause, type Logger } from "../base/index.ts";
import type { Memory } from "../calls/index.ts";
import type { Snapshot } from "../config/index.ts";
import type { Facts, Passage } from "../connection/index.ts";
import type { Context } from "../context/index.ts";
import { type Diallers, dialRoutes } from "../dial/index.ts";
import type { Gate } from "../gate/index.ts";
import type { Holds } from "../holds/index.ts";
import type { Live } from "../live/index.ts";
import type { Ports } from "../pipeline/index.ts";
import { decide, explain, type Policy, revealsTo } from "../policy/index.ts";
import { directBackend, selectRoutes } from "../routes/index.ts";

/** The rooms that a connection walks through; they outlive every snapshot. */
export interface ConnectionRooms {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly context: Context;
  readonly gate: Gate;
  readonly memory: Memory;
  readonly audit: Audit;
  readonly live: Live;
  readonly holds: Holds;
}

/** Longest time that finding out facts may hold a connection up. */
const fetchMs = 2000;

/** One snapshot's view of the rooms, for the conductor. */
export function createPorts(rooms: ConnectionRooms, snapshot: Snapshot, diallers: Diallers): Ports {
  const { context, gate, memory, audit, live, holds } = rooms;
  const { policy, config } = snapshot;
  const viaOf = new Map(config.listeners.map((listener) => [listener.name, listener.kind === "persona" ? listener.via : undefined]));
  const { connectMs, idleMs, lifetimeMs } = config.limits;
  const limits = { connectMs, idleMs, lifetimeMs };
  const told = (passage: Passage) => {
    const peer = gate.peerOf(passage.request);
    return { incident: passage.incident, ...(peer === undefined ? {} : { peer }) };
  };
  return {
    clock: rooms.clock,
    policyDigest: policy.digest,
    gather: (request, direct) => context.gatherFacts(request, { direct }),
    fetch: (request, facts, wanted, deadlineMs) =>
      tellingTrouble(rooms.logger, () => context.fetchFacts({ request, facts }, wanted, AbortSignal.timeout(Math.ceil(deadlineMs)))),
    fetchMs,
    judge: (request, facts) => {
      const answered = holds.answersOf(request.id);
      const options = answered === undefined ? {} : { answered };
      const isLastResort = isDirect(facts);
      if (!isLastResort) memory.keep(request, { policy, facts, options });
      const judgement = tellingTrouble(rooms.logger, () => decide(policy, facts, options));
      // Refused as a last resort, the story to tell is still that of the way that was chosen and failed.
      if (isLastResort && judgement.verdict.outcome === "allow") memory.keep(request, { policy, facts, options });
      return judgement;
    },
    // Whoever is asked about a connection wants to know which program made it.
    hold: (passage, ask, leash) => gate.settled(passage.request).then(() => holds.wait(passage, ask, leash)),
    recordVerdict: (passage) =>
      passage.verdict === undefined
        ? Promise.reject(new Error("no verdict to record"))
        : audit.recordVerdict(passage.request, passage.verdict, told(passage)),
    recordEnd: (passage) => recordEnd(audit, passage, told(passage)),
    raiseAuditAlarm: (cause) => rooms.logger.error("the record could not be written", { cause: formatCause(cause) }),
    selectRoutes: (request, verdict) => {
      const via = viaOf.get(request.listener);
      return selectRoutes(request, verdict, { backends: diallers, ...(via === undefined || via.length === 0 ? {} : { via }) });
    },
    lastResort: ({ host, port, listener }, verdict) => {
      const hasOwnWay = (viaOf.get(listener)?.length ?? 0) > 0;
      const wasDirect = verdict.backends.length === 0 || verdict.backends.includes(directBackend);
      return hasOwnWay || wasDirect ? undefined : { backend: directBackend, ...(verdict.rewrite ?? { host, port }) };
    },
    dial: (routes, how) => dialRoutes(routes, { ...how, clock: rooms.clock }, diallers),
    limits: () => limits,
    beforeDenial: ({ request }) => gate.settled(request),
    explain: (passage) => explainRefusal(policy, memory, passage),
    observe: (passage) => {
      live.observe(passage);
      if (passage.state === "ended") holds.forget(passage.request.id);
    },
  };
}

function isDirect(facts: Facts): boolean {
  const fact = facts.read("request.direct");
  return fact.kind === "known" && fact.value === true;
}

/** The conductor makes a denial of trouble while judging; why it came to that stands in the log. */
function tellingTrouble<T>(logger: Logger, work: () => T): T {
  const tell = (cause: unknown): never => {
    logger.error("a connection could not be judged", { cause: formatCause(cause) });
    throw cause;
  };
  try {
    const done = work();
    return done instanceof Promise ? (done.catch(tell) as T) : done;
  } catch (cause) {
    return tell(cause);
  }
}

function recordEnd(audit: Audit, passage: Passage, told: { readonly incident: string }): Promise<void> {
  const { request, end, verdict, backend, address } = passage;
  if (end === undefined) return Promise.reject(new Error("no end to record"));
  return audit.recordEnd(request, end, {
    ...told,
    ...(verdict === undefined ? {} : { verdict }),
    ...(backend === undefined ? {} : { backend }),
    ...(address === undefined ? {} : { address }),
  });
}

/**
 * What the person may read. A policy that says what that is is obeyed; under one that says nothing the person hears the words that the
 * rule has for people, and no facts.
 */
function explainRefusal(policy: Policy, memory: Memory, { request, verdict, incident }: Passage): ReturnType<Ports["explain"]> {
  const judged = memory.find(request);
  if (verdict === undefined || judged === undefined || verdict.outcome === "allow") return {};
  const explanation = explain(policy, judged.facts, { ...judged.options, audience: "user", incident });
  const { say, help } = revealsTo(policy, "user") ? explanation : verdict;
  return { explanation, ...(say === undefined ? {} : { say }), ...(help === undefined ? {} : { help }) };
}
