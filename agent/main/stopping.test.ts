import { expect, test } from "vitest";
import type { ListenerConfig, Snapshot, Snapshots } from "../config/index.ts";
import type { ReloadReport } from "../contract/index.ts";
import type { ProxyListener } from "../listeners/index.ts";
import { StillClock, TellingLogger } from "../testing/index.ts";
import { createListenerSet } from "./listener-set.ts";
import { createReloading } from "./reloading.ts";

const report: ReloadReport = { applied: true, policyDigest: "", changes: [], problems: [] };

/** Snapshots whose next reading ends when the test says so. */
function slowSnapshots() {
  const reading = Promise.withResolvers<ReloadReport>();
  const current = { config: { watch: "none" }, pem: new Map(), loadedAt: 0 } as unknown as Snapshot;
  const snapshots = {
    current: () => current,
    reload: () => reading.promise,
    renew: () => reading.promise,
    onChange: () => () => undefined,
  };
  return { snapshots: snapshots as unknown as Snapshots, finish: () => reading.resolve(report) };
}

function reloadingOf(snapshots: Snapshots, settle: () => Promise<void>) {
  return createReloading({
    clock: new StillClock(),
    logger: new TellingLogger(),
    snapshots,
    settle,
    record: () => undefined,
    publish: () => undefined,
  });
}

test("a stop waits for a reload that has begun, and lets none begin after it", async () => {
  const { snapshots, finish } = slowSnapshots();
  const order: string[] = [];
  const reloading = reloadingOf(snapshots, () => Promise.resolve(void order.push("settled")));
  const reloaded = reloading.reload();
  const closed = reloading.close().then(() => order.push("closed"));
  await expect(reloading.reload()).rejects.toMatchObject({ code: "AGENT_DRAINING" });
  expect(order).toEqual([]);
  finish();
  expect(await reloaded).toEqual(report);
  await closed;
  expect(order).toEqual(["settled", "closed"]);
});

const config = { name: "local", kind: "proxy", listen: [{ kind: "tcp", host: "127.0.0.1", port: 0 }] } as unknown as ListenerConfig;

/** Listeners that open when the test says so, and how many of them are open. */
function slowListeners() {
  const opening = Promise.withResolvers<undefined>();
  const set = createListenerSet(async () => {
    await opening.promise;
    open.count += 1;
    const close = () => Promise.resolve(void (open.count -= 1));
    return {
      name: "local",
      addresses: [],
      bound: [],
      connections: 0,
      renew: () => undefined,
      drain: () => undefined,
      close,
    } as ProxyListener;
  });
  const open = { count: 0, set, finish: () => opening.resolve(undefined) };
  return open;
}

test("nothing listens after the stop: not what was being opened, not what a late reload wants", async () => {
  const listeners = slowListeners();
  const settled = listeners.set.settle([config], 0);
  await listeners.set.close(0);
  listeners.finish();
  await settled;
  await listeners.set.settle([config], 0);
  expect(await listeners.set.prepare([config])).toMatchObject([{ code: "AGENT_DRAINING" }]);
  expect(listeners.count).toBe(0);
});

test("what was prepared for a snapshot that never came into force is closed by the stop", async () => {
  const listeners = slowListeners();
  listeners.finish();
  expect(await listeners.set.prepare([config])).toEqual([]);
  expect(listeners.count).toBe(1);
  await listeners.set.close(0);
  expect(listeners.count).toBe(0);
});
