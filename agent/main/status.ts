import type { Audit } from "../audit/index.ts";
import type { IdentityConfig, Snapshot } from "../config/index.ts";
import type { Alarm, Status } from "../contract/index.ts";
import type { Health, LastCheck } from "../dial/index.ts";
import type { Live } from "../live/index.ts";
import type { ListenerSet } from "./listener-set.ts";
import { certificatesOf, subjectOf } from "./trust-alarms.ts";

export interface StatusSources {
  readonly version: string;
  readonly stateDir: string;
  readonly startedAt: number;
  readonly state: () => Status["state"];
  readonly snapshot: () => Snapshot;
  readonly listeners: ListenerSet;
  readonly live: Live;
  readonly audit: Audit;
  readonly health: (backend: string) => Health;
  readonly lastCheck: (backend: string) => LastCheck | undefined;
  /** What using an identity has shown so far; undefined while it was not used. */
  readonly identityView: (name: string) => Status["identities"][number] | undefined;
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
    backends: config.backends.map(({ name, kind, address, tls, ssh }) => ({
      name,
      kind,
      ...(address === undefined ? {} : { address: `${address.host}:${address.port}` }),
      ...identityOf(ssh?.identity ?? tls?.identity),
      ...healthOf(from.health(name)),
      ...checkOf(from.lastCheck(name)),
      connections: through.get(name) ?? 0,
    })),
    identities: config.identities.map((identity) => from.identityView(identity.name) ?? identityStatus(identity, from.snapshot())),
    alarms: [...from.audit.alarms, ...from.alarms()],
    connections: { ...from.live.counts },
    memoryBytes: process.memoryUsage.rss(),
  };
}

/** Of a server of SSH the key that logs in, rather than that of the TLS around it. */
function identityOf(identity: string | undefined): Pick<Status["backends"][number], "identity"> {
  return identity === undefined ? {} : { identity };
}

function healthOf(health: Health): Pick<Status["backends"][number], "health" | "problem"> {
  return health.state === "failing" ? { health: "failing", problem: health.problem } : { health: health.state };
}

function checkOf(check: LastCheck | undefined): Pick<Status["backends"][number], "check"> {
  return check === undefined ? {} : { check: { ...check, ms: Math.round(check.ms) } };
}

function identityStatus({ name, kind, ...where }: IdentityConfig, { pem }: Snapshot): Status["identities"][number] {
  const [certificate] = ("certPath" in where && where.certPath !== undefined ? certificatesOf(pem).get(where.certPath) : undefined) ?? [];
  if (certificate === undefined) return { name, kind, state: "configured" };
  const { validToDate, issuer } = certificate;
  return {
    name,
    kind,
    state: "configured",
    subject: subjectOf(certificate),
    issuer: issuer.replaceAll("\n", ", "),
    expiresAt: validToDate.getTime(),
  };
}
