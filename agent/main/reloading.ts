import path from "node:path";
import type { AuditEvent } from "../audit/index.ts";
import { AgentError, type Clock, formatCause, type Logger } from "../base/index.ts";
import { isAuthorityWord, type Snapshot, type Snapshots, systemStorePaths } from "../config/index.ts";
import type { Alarm, ReloadReport } from "../contract/index.ts";
import { FileWatch } from "../platform/index.ts";

export interface ReloadingOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly snapshots: Snapshots;
  readonly record: (event: AuditEvent) => void;
  /** A new snapshot is in force: let what listens follow it. */
  readonly settle: () => Promise<void>;
  readonly publish: () => void;
}

/** When the configuration is read again: because somebody says so, or because a file that it lives on has changed. */
export interface Reloading {
  reload(): Promise<ReloadReport>;
  alarms(): readonly Alarm[];
  /** Begin to watch the files of the snapshot in force. */
  start(): void;
  /** Follow nothing any more. Resolves when a reload that was under way is over: it must not open what is being closed. */
  close(): Promise<void>;
}

export function createReloading({ clock, logger, snapshots, record, settle, publish }: ReloadingOptions): Reloading {
  let reloadAlarm: Alarm | undefined;
  let renewAlarm: Alarm | undefined;
  let isClosed = false;
  const underWay = new Set<Promise<ReloadReport>>();
  const watch = new FileWatch({ clock, onChange: () => void follow().catch(tellBug) });

  const tellBug = (cause: unknown): void => logger.error("changed files could not be followed", { cause: formatCause(cause) });

  const watchNow = (): void => {
    if (isClosed) return;
    const snapshot = snapshots.current();
    // Files keep whole milliseconds in some places; one look too many costs nothing.
    watch.watch(watchedPaths(snapshot), snapshot.loadedAt - 1000).catch(tellBug);
  };

  const finish = async (report: ReloadReport, alarm: Alarm | undefined): Promise<ReloadReport> => {
    if (alarm !== undefined) record({ name: "reload_refused", detail: { code: alarm.code, detail: alarm.detail } });
    if (report.applied) await settle();
    publish();
    return report;
  };

  /** Every reading goes through here, so that a stop can wait for those that have begun and refuse those that come later. */
  const once = async (read: () => Promise<ReloadReport>): Promise<ReloadReport> => {
    if (isClosed) throw new AgentError("AGENT_DRAINING", "the agent is stopping");
    const reading = read();
    underWay.add(reading);
    try {
      return await reading;
    } finally {
      underWay.delete(reading);
    }
  };

  const reload = (): Promise<ReloadReport> =>
    once(async () => {
      const report = await snapshots.reload();
      reloadAlarm = alarmOf(report, clock.now());
      if (report.applied) renewAlarm = undefined;
      return finish(report, reloadAlarm);
    });

  const renew = (): Promise<ReloadReport> =>
    once(async () => {
      const report = await snapshots.renew();
      renewAlarm = alarmOf(report, clock.now());
      return finish(report, renewAlarm);
    });

  /** Only what is watched is taken over: a policy that somebody is still writing stays where it is. */
  const follow = async (): Promise<void> => {
    if (isClosed) return;
    tell(await (snapshots.current().config.watch === "all" ? reload() : renew()));
  };

  const tell = ({ applied, changes, problems }: ReloadReport): void => {
    if (!applied) return logger.error("files that changed were not taken over", { problem: problems[0]?.message });
    if (changes.length === 0) return;
    logger.info("files that changed were taken over", { changes: changes.join("; ") });
    record({ name: "trust_renewed", detail: { changes: changes.join("; ") } });
  };

  return {
    reload,
    alarms: () => [reloadAlarm, renewAlarm].filter((alarm) => alarm !== undefined),
    start: () => {
      snapshots.onChange(watchNow);
      watchNow();
    },
    close: async () => {
      isClosed = true;
      watch.close();
      await Promise.allSettled(underWay);
    },
  };
}

/** Absolute paths: files and directories. */
function watchedPaths({ config, pem }: Snapshot): readonly string[] {
  if (config.watch === "none" || config.path === undefined) return [];
  const trust = [...pem.keys()].flatMap((file) => (file === "system" ? systemStorePaths() : isAuthorityWord(file) ? [] : [file]));
  if (config.watch === "trust") return trust;
  return [...trust, path.resolve(config.path), ...(config.policyPath === undefined ? [] : [config.policyPath])];
}

function alarmOf({ applied, problems }: ReloadReport, since: number): Alarm | undefined {
  if (applied) return undefined;
  const first = problems.find(({ severity }) => severity === "error");
  const code = first?.file.endsWith(".portail") === true ? "POLICY_INVALID" : "CONFIG_INVALID";
  return {
    code,
    detail: first === undefined ? "the last reload was refused" : `${first.file}:${first.line}:${first.column}: ${first.message}`,
    since,
  };
}
