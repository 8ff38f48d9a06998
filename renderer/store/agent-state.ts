import type { Change, ConnectionView, HoldView, Questions, StateEvent, StateSnapshot, Status } from "../../agent/contract/index.ts";
import type { AgentProcess } from "../bridge/index.ts";
import { emptyTraffic, type Traffic, trafficAfter } from "./traffic.ts";

/** Everything that the screens know of the agent. */
export interface AgentState {
  readonly agent: AgentProcess;
  /** False until the first snapshot, and whenever the agent does not answer: what is shown may be old. */
  readonly live: boolean;
  /** When the last news came. */
  readonly asOf: number | undefined;
  readonly seq: number;
  readonly status: Status | undefined;
  readonly connections: ReadonlyMap<string, ConnectionView>;
  /** The same connections, newest first. */
  readonly newestFirst: readonly ConnectionView[];
  readonly holds: readonly HoldView[];
  /** PINs, touches and host keys that the agent waits for. Never an answer. */
  readonly questions: Questions;
  /** Of the policy in force; changes when it is replaced. */
  readonly policyDigest: string | undefined;
  readonly traffic: Traffic;
}

export const firstState: AgentState = {
  agent: { state: "starting", since: 0 },
  live: false,
  asOf: undefined,
  seq: 0,
  status: undefined,
  connections: new Map(),
  newestFirst: [],
  holds: [],
  questions: { pins: [], touches: [], hostKeys: [] },
  policyDigest: undefined,
  traffic: emptyTraffic,
};

export function afterAgent(state: AgentState, agent: AgentProcess): AgentState {
  return { ...state, agent, live: state.live && agent.state === "running" };
}

export function afterSnapshot(state: AgentState, snapshot: StateSnapshot, now: number): AgentState {
  const newestFirst = snapshot.connections.toSorted(byNewest);
  return {
    ...state,
    live: true,
    asOf: now,
    seq: snapshot.seq,
    status: snapshot.status,
    connections: new Map(newestFirst.map((connection) => [connection.id, connection])),
    newestFirst,
    holds: snapshot.holds,
    questions: snapshot.questions,
    policyDigest: snapshot.status.policy.digest,
  };
}

/** `undefined` when an event is missing in between: only a new snapshot helps. Events that are already known change nothing. */
export function afterEvents(state: AgentState, events: readonly StateEvent[], now: number): AgentState | undefined {
  let seq = state.seq;
  const changes: Change[] = [];
  for (const event of events) {
    if (event.seq <= seq) continue;
    if (event.seq !== seq + 1) return undefined;
    seq = event.seq;
    changes.push(...event.changes);
  }
  if (changes.length === 0) return { ...state, asOf: now };
  return { ...applyChanges(state, changes, now), seq, asOf: now };
}

function applyChanges(state: AgentState, changes: readonly Change[], now: number): AgentState {
  const connections = applyConnections(state.connections, changes);
  const policy = changes.findLast((change) => change.kind === "policy");
  const status = changes.findLast((change) => change.kind === "status")?.status ?? state.status;
  return {
    ...state,
    status,
    connections,
    newestFirst: connections === state.connections ? state.newestFirst : [...connections.values()].sort(byNewest),
    holds: applyHolds(state.holds, changes),
    questions: changes.findLast((change) => change.kind === "questions")?.questions ?? state.questions,
    policyDigest: policy?.digest ?? status?.policy.digest,
    traffic: trafficAfter(state.traffic, { before: state.connections, changes, now }),
  };
}

function applyConnections(
  connections: ReadonlyMap<string, ConnectionView>,
  changes: readonly Change[],
): ReadonlyMap<string, ConnectionView> {
  if (!changes.some((change) => change.kind === "connection" || change.kind === "forgotten")) return connections;
  const next = new Map(connections);
  for (const change of changes) {
    if (change.kind === "connection") next.set(change.connection.id, change.connection);
    if (change.kind === "forgotten") for (const id of change.ids) next.delete(id);
  }
  return next;
}

function applyHolds(holds: readonly HoldView[], changes: readonly Change[]): readonly HoldView[] {
  let next = holds;
  for (const change of changes) {
    if (change.kind === "hold") next = [...next.filter((hold) => hold.id !== change.hold.id), change.hold];
    if (change.kind === "released") next = next.filter((hold) => hold.id !== change.id);
  }
  return next;
}

function byNewest(a: ConnectionView, b: ConnectionView): number {
  return b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1);
}
