import type { End, Request, Verdict } from "../connection/index.ts";
import type { AuditRecord } from "../contract/index.ts";
import type { AuditEvent, EndContext, VerdictContext } from "./entry.ts";

/** A record before it has its place in the chain: `seq` is given when it is written. */
export type Draft = Pick<AuditRecord, "time" | "kind"> & {
  [K in "connection" | "incident" | "outcome" | "rule" | "host" | "port" | "program" | "user"]?: AuditRecord[K] | undefined;
} & { body: Record<string, unknown>; seq: number };

// INVARIANT: every object below lists its keys in alphabetical order, so that plain JSON.stringify gives the canonical text and the
// hot path sorts nothing. Guarded by "a draft is written in canonical order" in draft.test.ts.

/** What is told of a decision: `none` tells that there was one and by which rule, `summary` who and where, `full` also path and words. */
export function verdictDraft(request: Request, verdict: Verdict, context: VerdictContext, time: number): Draft {
  const told = verdict.log !== "none";
  const peer = context.peer ?? request.peer;
  return {
    body: told ? verdictBody(request, verdict, context) : { log: verdict.log, policy: verdict.policyDigest },
    connection: request.id,
    host: told ? request.host : undefined,
    incident: context.incident,
    kind: "verdict",
    outcome: verdict.outcome,
    port: told ? request.port : undefined,
    program: told ? peer?.exe : undefined,
    rule: canonicalRule(verdict.rule),
    seq: 0,
    time,
    user: told ? peer?.user : undefined,
  };
}

function verdictBody(request: Request, verdict: Verdict, context: VerdictContext): Record<string, unknown> {
  const peer = context.peer ?? request.peer;
  const full = verdict.log === "full";
  return {
    assumed: unlessEmpty(verdict.assumed),
    backends: unlessEmpty(verdict.backends),
    breakGlass: verdict.breakGlass,
    examined: verdict.examined,
    failed: verdict.failed.length === 0 ? undefined : verdict.failed.map(canonicalRequirement),
    help: full ? verdict.help : undefined,
    listener: request.listener,
    log: verdict.log,
    method: request.method,
    path: full ? request.path : undefined,
    pid: peer?.pid,
    policy: verdict.policyDigest,
    protocol: request.protocol,
    redirect: full ? verdict.redirect : undefined,
    rules: verdict.rules,
    say: full ? verdict.say : undefined,
    sni: request.sni,
    stale: unlessEmpty(verdict.stale),
    tls: request.tls,
    transport: request.transport,
    uid: peer?.uid,
    unit: peer?.unit,
    unknown: verdict.unknown.length === 0 ? undefined : verdict.unknown.map(canonicalUnknown),
  };
}

/** How it ended, what it carried and how long it took. */
export function endDraft(request: Request, end: End, context: EndContext, time: number): Draft {
  const told = context.verdict?.log !== "none";
  const peer = context.peer ?? request.peer;
  return {
    body: endBody(request, end, context, time),
    connection: request.id,
    host: told ? request.host : undefined,
    incident: context.incident,
    kind: "end",
    port: told ? request.port : undefined,
    program: told ? peer?.exe : undefined,
    seq: 0,
    time,
    user: told ? peer?.user : undefined,
  };
}

function endBody(request: Request, end: End, context: EndContext, time: number): Record<string, unknown> {
  const told = context.verdict?.log !== "none";
  const carried = end.kind === "served" || end.kind === "cut";
  return {
    address: told ? context.address : undefined,
    backend: told ? context.backend : undefined,
    detail: told && (end.kind === "cut" || end.kind === "refused") ? end.detail : undefined,
    down: carried ? end.down : 0,
    durationMs: Math.max(0, time - request.receivedAt),
    end: end.kind === "served" ? "served" : end.code,
    listener: told ? request.listener : undefined,
    protocol: told ? request.protocol : undefined,
    up: carried ? end.up : 0,
  };
}

export function eventDraft(event: AuditEvent, time: number): Draft {
  const detail = Object.entries(event.detail ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { body: { detail: Object.fromEntries(detail), event: event.name }, incident: event.incident, kind: "event", seq: 0, time };
}

/** The end of a connection whose agent died: how much it carried went with the agent. */
export function interruptedDraft(verdict: Omit<AuditRecord, "prev" | "hash">, time: number): Draft {
  return {
    body: { end: "CARRY_INTERRUPTED" },
    connection: verdict.connection,
    host: verdict.host,
    incident: verdict.incident,
    kind: "end",
    port: verdict.port,
    program: verdict.program,
    seq: 0,
    time,
    user: verdict.user,
  };
}

function canonicalRule(rule: Verdict["rule"]): Verdict["rule"] {
  return rule.line === undefined ? { kind: rule.kind, name: rule.name } : { kind: rule.kind, line: rule.line, name: rule.name };
}

function canonicalRequirement({ effect, label, line, state }: Verdict["failed"][number]): object {
  return { effect, label, line, state };
}

function canonicalUnknown({ attribute, source, why }: Verdict["unknown"][number]): object {
  return { attribute, source, why };
}

function unlessEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}
