import type { Logger } from "../base/index.ts";
import {
  createSnapshots,
  formatProblem,
  loadSnapshot,
  type Snapshot,
  type Snapshots,
  type SnapshotsOptions,
  systemFiles,
} from "../config/index.ts";
import type { Places } from "../platform/index.ts";
import { systemClock as clock } from "./system-clock.ts";

/** The snapshot to start with; its mistakes are told one by one, with their places, and nothing starts. */
export async function loadFirst(configPath: string | undefined, places: Places, logger: Logger): Promise<FirstSnapshot | undefined> {
  const path = configPath ?? ((await systemFiles.accessOf(places.configPath)) === undefined ? undefined : places.configPath);
  const options = { configPath: path, files: systemFiles, clock };
  const loaded = await loadSnapshot(options);
  if (loaded.kind === "loaded") {
    for (const problem of loaded.snapshot.problems) logger.warn("configuration warning", { problem: formatProblem(problem) });
    return { snapshot: loaded.snapshot, follow: (prepare) => createSnapshots(loaded.snapshot, { ...options, prepare }) };
  }
  for (const problem of loaded.problems) process.stderr.write(`${formatProblem(problem)}\n`);
  logger.error("the agent could not start", { code: loaded.code, detail: loaded.detail });
  return undefined;
}

/** The first snapshot, and how those after it are followed. */
export interface FirstSnapshot {
  readonly snapshot: Snapshot;
  follow(prepare: NonNullable<SnapshotsOptions["prepare"]>): Snapshots;
}
