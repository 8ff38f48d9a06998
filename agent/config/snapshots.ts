import type { PolicyReport, Problem, ReloadReport } from "../contract/index.ts";
import { describeChanges } from "./snapshot-changes.ts";
import { type Loaded, type LoadOptions, loadSnapshot, type Refusal, renewSnapshot, type Snapshot } from "./snapshot.ts";

/** The snapshot in force, and how it is replaced. */
export interface Snapshots {
  /** Take it once at accept and keep it for the whole life of the connection. */
  current(): Snapshot;
  /** The last attempt that was refused, until one succeeds. */
  refused(): Refusal | undefined;
  /** The policy report of that attempt, when it was the policy that was refused. */
  refusedPolicy(): PolicyReport | undefined;
  /** All or nothing: any error leaves the current snapshot in force and is in the report; it rejects only for a bug. */
  reload(): Promise<ReloadReport>;
  /** The same for certificates, keys and lists alone; configuration and policy stay as they are in force. */
  renew(): Promise<ReloadReport>;
  /** Called after each replacement; returns how to stop that. */
  onChange(listener: (after: Snapshot, before: Snapshot) => void): () => void;
}

export interface SnapshotsOptions extends LoadOptions {
  /**
   * Makes everything ready that the new snapshot needs and that may fail, such as opening its listeners; what it returns refuses the
   * attempt, and then it must have undone its own work. Not called for a snapshot that changes nothing.
   */
  readonly prepare?: (after: Snapshot, before: Snapshot) => Promise<readonly Problem[]>;
}

interface Applied {
  readonly problems: readonly Problem[];
  readonly changes: readonly string[];
}

/** INVARIANT: attempts run one after the other, each from a fresh reading, so an older reading never replaces a newer one (snapshots.test.ts). */
export function createSnapshots(first: Snapshot, options: SnapshotsOptions): Snapshots {
  let current = first;
  let refused: Refusal | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let waiting: Promise<ReloadReport> | undefined;
  const listeners = new Set<(after: Snapshot, before: Snapshot) => void>();

  const reload = async (): Promise<ReloadReport> => {
    waiting = undefined;
    const applied = await apply(await loadSnapshot(options));
    refused = "kind" in applied ? applied : undefined;
    return reportOf(applied);
  };

  // What was refused stays refused: its configuration or policy was not looked at.
  const renew = async (): Promise<ReloadReport> => reportOf(await apply(await renewSnapshot(current, options)));

  const apply = async (loaded: Loaded): Promise<Refusal | Applied> => {
    if (loaded.kind === "refused") return loaded;
    const { snapshot } = loaded;
    // An equal snapshot is not a change: nobody is woken and the old one keeps its age.
    const isSame = snapshot.digest === current.digest;
    const problems = isSame ? [] : ((await options.prepare?.(snapshot, current)) ?? []);
    if (problems.length > 0) return unprepared(problems);
    return { problems: snapshot.problems, changes: isSame ? [] : replace(snapshot) };
  };

  const reportOf = (applied: Refusal | Applied): ReloadReport => ({
    applied: !("kind" in applied),
    policyDigest: current.policy.digest,
    problems: [...applied.problems],
    changes: "changes" in applied ? [...applied.changes] : [],
  });

  const inTurn = (attempt: () => Promise<ReloadReport>): Promise<ReloadReport> => {
    const next = running.then(attempt);
    running = next.catch(ignoreTold);
    return next;
  };

  const replace = (after: Snapshot): readonly string[] => {
    const before = current;
    current = after;
    for (const listener of listeners) listener(after, before);
    return describeChanges(before, after);
  };

  return {
    current: () => current,
    refused: () => refused,
    refusedPolicy: () => refused?.report,
    /** Calls that arrive while one attempt runs share the next. */
    reload() {
      waiting ??= inTurn(reload);
      return waiting;
    },
    renew: () => inTurn(renew),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function unprepared(problems: readonly Problem[]): Refusal {
  const detail = problems.map(({ message }) => message).join("; ");
  return { kind: "refused", code: "AGENT_LISTEN", detail, problems };
}

/** Whoever asked for the attempt hears of its failure; the next one does not depend on it. */
function ignoreTold(): void {}
