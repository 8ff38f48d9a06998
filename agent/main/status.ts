import type { Audit } from "../audit/index.ts";
import type { Snapshot } from "../config/index.ts";
import type { Alarm, Status } from "../contract/index.ts";
import type { Live } from "../live/index.ts";
import type { ListenerSet } from "./listener-set.ts";

export interface StatusSources {
  readonly version: string;
  readonly stateDir: string;
  readonly startedAt: number;
  readonly state: () => Status["state"];
  readonly snapshot: () => Snapshot;
  readonly listeners: ListenerSet;
  readonly live: Live;
  readonly audit: Audit;
  /** Alarms of no other room, such as a reload that was refused. */
  readonly alarms: () => readonly Alarm[];
}

/** How the agent is now. Cheap enough to be asked several times a second. */
export function buildStatus(from: StatusSources): Status {
  const { config, policy, policySource, loadedAt } = from.snapshot();
  const through = from.live.countBy("backend");
  return {
    state: from.state(),
    version: from.version,
    pid: process.pid,
    startedAt: from.startedAt,
    stateDir: from.stateDir,
    ...(config.path === undefined ? {} : { configPath: config.path }),
    policy: { digest: policy.digest, source: policySource, rules: policy.rules.length, loadedAt },
    listeners: from.listeners.status(),
    backends: config.backends.map(({ name, kind, address }) => ({
      name,
      kind,
      ...(address === undefined ? {} : { address: `${address.host}:${address.port}` }),
      health: "unknown" as const,
      connections: through.get(name) ?? 0,
    })),
    identities: config.identities.map(({ name, kind }) => ({ name, kind, state: "configured" })),
    alarms: [...from.audit.alarms, ...from.alarms()],
    connections: { ...from.live.counts },
    memoryBytes: process.memoryUsage.rss(),
  };
}
