import type { Socket } from "node:net";
import path from "node:path";
import { createHandlers, type CallRooms } from "../calls/index.ts";
import type { Cancel } from "../base/index.ts";
import { type Snapshots, systemFiles } from "../config/index.ts";
import type { Change, Questions, StateFeed, Status } from "../contract/index.ts";
import { createConsole } from "../console/index.ts";
import {
  controlEndpointAt,
  createDispatch,
  createStateFeed,
  type LiveStateFeed,
  type ReportIncident,
  startControlServer,
} from "../control/index.ts";
import { incidentOf } from "../pipeline/index.ts";
import type { Places, SocketOwners } from "../platform/index.ts";
import type { ConnectionRooms } from "./wire-connections.ts";

export interface ControlRooms extends ConnectionRooms, Pick<CallRooms, "hash" | "identityCalls" | "hostKeyCalls" | "reload" | "stop"> {
  readonly version: string;
  readonly places: Places;
  readonly secret: string | undefined;
  readonly owners: SocketOwners;
  readonly status: () => Status;
  readonly snapshots: Snapshots;
  /** What the agent asks the person now. */
  readonly questions: () => Questions;
}

export interface Control {
  publish(change: Change): void;
  publishStatus(): void;
  /** What the agent asks the person is another now. */
  publishQuestions(): void;
  close(): Promise<void>;
}

/** While somebody watches, the status is told this often at most, for its counts. */
const statusMs = 2000;

/** The private channel, the console behind it, and the news that both tell. */
export async function openControl(rooms: ControlRooms): Promise<Control> {
  const { clock, logger, live, holds, audit, owners, snapshots, status, questions } = rooms;
  let incidents = 0;
  const newIncident = () => incidentOf(`${clock.now().toString(32)}${(incidents += 1)}`.toUpperCase());
  const news = createStateFeed({
    clock,
    state: () => ({ status: status(), connections: [...live.list(500)], holds: [...holds.list()], questions: questions() }),
  });
  const publishStatus = () => news.publish({ kind: "status", status: status() });
  const feed = feedWhileWatched(news, () => followConnections(rooms, news, publishStatus));
  const report: ReportIncident = (incident) => {
    const name = incident.kind === "operated" ? "caller_operated" : "caller_refused";
    logger.info(name, { kind: incident.kind, uid: incident.uid, pid: incident.pid, call: incident.call, detail: incident.detail });
    audit.recordEvent({ name, detail: { ...incident } }).catch(() => logger.warn("an event could not be recorded"));
  };
  const handlers = createHandlers({
    ...rooms,
    policy: () => {
      const { policy, policySource, loadedAt } = snapshots.current();
      const refused = snapshots.refusedPolicy();
      return { current: policy, source: policySource, loadedAt, ...(refused === undefined ? {} : { refused }) };
    },
    config: () => {
      const { path: configPath, text } = snapshots.current().config;
      return configPath === undefined ? { text } : { path: configPath, text };
    },
    readSet: (reference) => systemFiles.readSet(snapshots.current().policySource, reference),
    gather: (request) => rooms.context.gatherFacts(request),
    now: () => clock.now(),
    openConsole: (_input, caller) => pages.open(caller),
  });
  const dispatch = createDispatch({ handlers, audit: report, newIncident, log: logger });
  const pages = createConsole({
    rendererDir: path.resolve(import.meta.dirname, "../renderer"),
    dispatch,
    feed,
    isOwner: (socket) => isOwner(owners, socket),
    clock,
    log: logger,
  });
  const server = await startControlServer({
    endpoint: controlEndpointAt(rooms.places.controlSocketPath),
    version: rooms.version,
    dispatch,
    feed,
    uid: process.getuid?.(),
    peerOf: (socket) => {
      const owner = owners.peerOfUnixSocket(socket);
      return owner.kind === "known" ? { uid: owner.uid, pid: owner.pid } : undefined;
    },
    secret: rooms.secret,
    audit: report,
    clock,
    log: logger,
  });

  return {
    publish: (change) => news.publish(change),
    publishStatus,
    publishQuestions: () => news.publish({ kind: "questions", questions: questions() }),
    close: async () => {
      await pages.close();
      await server.close();
    },
  };
}

/** Starts `begin` with the first watcher and ends it with the last: nothing is computed for nobody. */
function feedWhileWatched(news: LiveStateFeed, begin: () => Cancel): StateFeed {
  let end: Cancel | undefined;
  return {
    snapshot: () => news.snapshot(),
    subscribe: (take) => {
      const unsubscribe = news.subscribe(take);
      end ??= begin();
      return () => {
        unsubscribe();
        if (news.watchers > 0) return;
        end?.();
        end = undefined;
      };
    },
  };
}

/** Connections as they change, and the status behind them, for its counts. */
function followConnections({ live, clock }: ControlRooms, news: LiveStateFeed, publishStatus: () => void): Cancel {
  let nextStatus: Cancel | undefined;
  const stop = live.watch((changes) => {
    for (const change of changes) news.publish(change);
    nextStatus ??= clock.after(statusMs, () => {
      nextStatus = undefined;
      publishStatus();
    });
  });
  return () => {
    stop();
    nextStatus?.();
  };
}

/** SECURITY: only a program of the agent's own user is shown the screens; trouble counts as a stranger. */
async function isOwner(owners: SocketOwners, { localAddress, localPort, remoteAddress, remotePort }: Socket): Promise<boolean> {
  if (localAddress === undefined || localPort === undefined || remoteAddress === undefined || remotePort === undefined) return false;
  const owner = await owners.socketOwner({
    local: { address: localAddress, port: localPort },
    remote: { address: remoteAddress, port: remotePort },
  });
  return owner.kind === "known" && owner.uid === process.getuid?.();
}
