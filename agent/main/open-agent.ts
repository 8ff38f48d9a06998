import { createHash } from "node:crypto";
import path from "node:path";
import { type AuditEvent, createAudit } from "../audit/index.ts";
import { AgentError, type Clock, formatCause, type Logger } from "../base/index.ts";
import { createMemory } from "../calls/index.ts";
import type { Snapshot } from "../config/index.ts";
import { createAddressSource, createClientSource, createContext } from "../context/index.ts";
import type { Alarm, ReloadReport, Status } from "../contract/index.ts";
import { createGate } from "../gate/index.ts";
import { createHolds } from "../holds/index.ts";
import { createLive, type Live } from "../live/index.ts";
import { Wheel } from "../net/index.ts";
import { createIds, judgeAgain, type Ports } from "../pipeline/index.ts";
import { createSocketOwners, createUserNames, type Places, takeInheritedSockets } from "../platform/index.ts";
import type { FirstSnapshot } from "./first-snapshot.ts";
import { buildStatus } from "./status.ts";
import type { ListenerSet } from "./listener-set.ts";
import { createPorts } from "./wire-connections.ts";
import { openControl } from "./wire-control.ts";
import { createReloading } from "./reloading.ts";
import { identityAlarms, isSameTrust, trustAlarms, unverifiedBackends } from "./trust-alarms.ts";
import { createAddressOf, createWaysOut } from "./wire-diallers.ts";
import { wireHostKeys } from "./wire-host-keys.ts";
import { wireIdentities } from "./wire-identities.ts";
import { wireListeners } from "./wire-listeners.ts";

export interface OpenAgentOptions {
  readonly version: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly places: Places;
  readonly first: FirstSnapshot;
  readonly secret: string | undefined;
  /** Somebody asked on the control channel. */
  readonly stop: (drainMs: number | undefined) => void;
}

export interface RunningAgent {
  addresses(): readonly string[];
  reload(): Promise<ReloadReport>;
  close(drainMs: number | undefined): Promise<void>;
}

/** Open everything, in the order in which it is needed; the last thing to open is the first to close. */
export async function openAgent({ version, logger, clock, places, first, secret, stop }: OpenAgentOptions): Promise<RunningAgent> {
  const startedAt = clock.now();
  let state: Status["state"] = "starting";

  const audit = createAudit({ ...auditOptions(places, first.snapshot, clock), onAlarms: (alarms) => tellAlarms(alarms) });
  // Without a record every connection is refused with the reason; the agent still runs, so that the person can be told what to mend.
  await audit.start().catch((cause: unknown) => logger.error("the record cannot be opened", { cause: formatCause(cause) }));
  const owners = createSocketOwners();
  const users = createUserNames();
  const gate = createGate({ owners, users, uid: process.getuid?.(), clock });
  const live = createLive({ clock, peerOf: (request) => gate.peerOf(request) });
  const addresses = createAddressSource(createAddressOf(() => snapshots.current()));
  const context = createContext({ clock, sources: [createClientSource(owners, users), addresses] });
  const memory = createMemory();
  const wheel = new Wheel(clock);
  const holds = createHolds({ clock, view: (passage) => live.view(passage), publish: (change) => control.publish(change) });
  const rooms = { clock, logger, context, gate, memory, audit, live, holds };
  const onQuestions = (): void => control.publishQuestions();
  const hostKeys = wireHostKeys({
    stateDir: places.stateDir,
    clock,
    onQuestions,
    onAccepted: (accepted) => {
      logger.info("a server's key was accepted", { ...accepted });
      record({ name: "host_key_accepted", detail: { ...accepted } });
    },
    // SECURITY: an open connection stands for a key that nobody vouches for any more.
    onForgotten: () => waysOut.forgetSessions(),
  });
  const hostKeyQuestions = () => hostKeys.desk.questions();
  const identities = wireIdentities({
    clock,
    logger,
    onQuestions,
    hostKeyQuestions,
    onForget: () => waysOut.forgetSessions(),
    onEnrolment: record,
    onCertificates: () => {
      if (state !== "starting") control.publishStatus();
    },
  });
  identities.update(first.snapshot);
  const waysOut = createWaysOut({
    clock,
    wheel,
    logger,
    identities,
    hostKeys,
    listening: () => listeners.bound,
    onHealth: () => control.publishStatus(),
  });

  let ports: Ports;
  let { pem } = first.snapshot;
  const listeners = wireListeners({
    ...rooms,
    wheel,
    ids: createIds({ clock, random: Math.random }),
    inherited: takeInheritedSockets(),
    ports: () => ports,
    pem: () => pem,
    limits: () => snapshots.current().config.limits,
  });
  const snapshots = first.follow(async (after) => {
    pem = after.pem;
    const [problem] = waysOut.check(after);
    const problems = problem === undefined ? await listeners.prepare(after.config.listeners) : [problem];
    if (problems.length > 0) pem = snapshots.current().pem;
    return problems;
  });
  ports = createPorts(rooms, first.snapshot, waysOut.diallers(first.snapshot));
  snapshots.onChange((after, before) => {
    identities.update(after);
    // SECURITY: whoever was trusted under other files or words is met anew, also when they come back.
    if (!isSameTrust(after, before)) forgetSessions();
    ports = createPorts(rooms, after, waysOut.diallers(after));
    recordDangers(after);
    void apply(after, before).catch((cause: unknown) => logger.error("a reload was not applied to all", { cause: formatCause(cause) }));
  });

  function forgetSessions(): void {
    waysOut.forgetSessions();
    identities.forgetSessions();
  }

  function tellAlarms(alarms: readonly Alarm[]): void {
    for (const { code, detail } of alarms) logger.error("alarm", { code, detail });
    record({ name: alarms.length > 0 ? "alarm_raised" : "alarm_cleared", detail: { codes: alarms.map(({ code }) => code).join(" ") } });
    if (state !== "starting") control.publishStatus();
  }

  function record(event: AuditEvent): void {
    audit
      .recordEvent(event)
      .catch((cause: unknown) => logger.warn("an event waits to be recorded", { event: event.name, cause: formatCause(cause) }));
  }

  /** SECURITY: who takes the proof away leaves a trace each time that it comes into force. */
  function recordDangers(snapshot: Snapshot): void {
    for (const backend of unverifiedBackends(snapshot)) {
      logger.warn("a server is not verified", { backend });
      record({ name: "dangerous_setting", detail: { backend, setting: "dangerously_skip_verification" } });
    }
  }

  async function apply(after: Snapshot, before: Snapshot): Promise<void> {
    if (after.config.text !== before.config.text)
      record({ name: "config_activated", detail: { before: before.digest, after: after.digest } });
    const { drainMs } = after.config.limits;
    if (after.policy.digest !== before.policy.digest) {
      record({ name: "policy_activated", detail: { before: before.policy.digest, after: after.policy.digest } });
      const ended = await judgeAgain(live.living(), { clock, ports, drainMs });
      logger.info("policy activated", { digest: after.policy.digest, ended });
      control.publish({ kind: "policy", digest: after.policy.digest });
    }
    control.publishStatus();
  }

  const reloading = createReloading({
    clock,
    logger,
    snapshots,
    record,
    settle: () => listeners.settle(snapshots.current().config.listeners, snapshots.current().config.limits.drainMs),
    publish: () => control.publishStatus(),
  });
  const { reload } = reloading;

  const certificateAlarms = (): readonly Alarm[] => {
    const [snapshot, now] = [snapshots.current(), clock.now()];
    return [...trustAlarms(snapshot, now), ...identityAlarms(snapshot, identities.views(), now), ...identities.alarms()];
  };

  const status = () =>
    buildStatus({
      version,
      stateDir: places.stateDir,
      startedAt,
      state: () => state,
      snapshot: () => snapshots.current(),
      listeners,
      live,
      audit,
      health: (backend) => waysOut.health(backend),
      lastCheck: (backend) => waysOut.lastCheck(backend),
      identityView: (name) => identities.view(name),
      alarms: () => [...reloading.alarms(), ...certificateAlarms()],
    });

  const control = await openControl({
    version,
    places,
    secret,
    ...rooms,
    owners,
    status,
    snapshots,
    hash: sha256,
    reload,
    stop,
    identityCalls: identities.calls,
    hostKeyCalls: hostKeys.calls,
    questions: () => ({ ...identities.questions(), hostKeys: hostKeyQuestions() }),
  });
  const [problem] = await listeners.prepare(first.snapshot.config.listeners);
  if (problem !== undefined) {
    await control.close();
    await audit.close();
    throw new AgentError("AGENT_LISTEN", problem.message);
  }
  await listeners.settle(first.snapshot.config.listeners, 0);
  recordDangers(first.snapshot);
  record({ name: "agent_started", detail: { version, policy: first.snapshot.policy.digest } });
  state = "ready";
  reloading.start();
  control.publishStatus();

  return {
    addresses: () => listeners.status().flatMap(({ addresses }) => addresses),
    reload,
    close: async (drainMs = snapshots.current().config.limits.drainMs) => {
      state = "draining";
      listeners.drain();
      control.publishStatus();
      await reloading.close();
      await drain(listeners, live, { clock, drainMs });
      record({ name: "agent_stopped", detail: { version } });
      await control.close();
      waysOut.close();
      await identities.close();
      await audit.close();
      owners.close();
    },
  };
}

function auditOptions(places: Places, { config }: Snapshot, clock: Clock): Parameters<typeof createAudit>[0] {
  return {
    dir: path.join(places.stateDir, "audit"),
    clock,
    keepMs: config.audit.keepMs,
    maxBytes: config.audit.maxBytes,
    sync: config.audit.sync,
    clerkUrl: new URL("./audit-clerk.js", import.meta.url),
  };
}

/** Living connections may finish; what is new hears in its own protocol that the agent is stopping. */
async function drain(
  listeners: ListenerSet,
  live: Live,
  { clock, drainMs }: { readonly clock: Clock; readonly drainMs: number },
): Promise<void> {
  listeners.drain();
  const deadline = clock.monotonic() + drainMs;
  while (live.counts.live > 0 && clock.monotonic() < deadline) {
    await new Promise<void>((resolve) => void clock.after(drainLookMs, resolve));
  }
  for (const passage of live.living()) passage.close("AGENT_DRAINING");
  await listeners.close(0);
}

/** How often a drain looks whether it is over. */
const drainLookMs = 20;

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
