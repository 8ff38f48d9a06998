import { rootCertificates } from "node:tls";
import { expect, test } from "vitest";
import type { Clock } from "../base/index.ts";
import type { ConfigFiles } from "./config-files.ts";
import type { FileAccess } from "./secret-references.ts";
import { type LoadOptions, loadSnapshot, type Snapshot } from "./snapshot.ts";
import { createSnapshots, type SnapshotsOptions } from "./snapshots.ts";

const CONFIG = "/etc/portail/portail.yaml";
const POLICY = "/etc/portail/p.portail";
const GOOD_POLICY = `portail policy 1
policy web { when request.port == 443 allow }
test "web" { given { request.host: "a.example", request.port: 443 } expect allow by web }
test "rest" { given { request.host: "a.example", request.port: 80 } expect deny }
`;
const GOOD = "listeners:\n  local: { kind: proxy, listen: 127.0.0.1:1080 }\npolicy: p.portail\n";

/** A disk in memory. */
function disk(files: Record<string, string | Uint8Array>, access: Record<string, FileAccess> = {}) {
  let now = 0;
  const clock: Clock = { now: () => ++now, monotonic: () => now, after: () => () => undefined };
  const io: ConfigFiles = {
    read: async (path) => {
      const content = files[path];
      if (content === undefined) throw new Error("ENOENT: no such file");
      return Buffer.from(content);
    },
    list: async () => undefined,
    accessOf: async (path) => access[path],
    authorities: async () => rootCertificates.slice(2, 5),
    readSet: () => undefined,
  };
  const options: LoadOptions = { configPath: CONFIG, files: io, clock };
  return { files, options };
}

async function first(options: LoadOptions): Promise<Snapshot> {
  const loaded = await loadSnapshot(options);
  if (loaded.kind === "refused") throw new Error(loaded.detail);
  return loaded.snapshot;
}

async function begin(files: Record<string, string | Uint8Array>, prepare?: SnapshotsOptions["prepare"]) {
  const { files: onDisk, options } = disk(files);
  const snapshots = createSnapshots(await first(options), { ...options, ...(prepare === undefined ? {} : { prepare }) });
  const changes: Snapshot[] = [];
  snapshots.onChange((after) => changes.push(after));
  return { onDisk, snapshots, changes };
}

test("without a file the agent has its built-in configuration and policy", async () => {
  const { options } = disk({});
  const { config, policySource } = await first({ ...options, configPath: undefined });
  expect(policySource).toBe("built-in");
  expect(config.path).toBeUndefined();
  expect(config.listeners).toEqual([
    {
      kind: "proxy",
      name: "local",
      listen: [{ kind: "tcp", host: "127.0.0.1", port: 1080 }],
      users: { kind: "self" },
      protocols: ["socks5", "http"],
    },
  ]);
  expect(config.backends).toEqual([{ name: "direct", kind: "direct" }]);
});

test("a reload replaces configuration and policy together and says what changed", async () => {
  const { onDisk, snapshots, changes } = await begin({ [CONFIG]: GOOD, [POLICY]: GOOD_POLICY });
  const before = snapshots.current();
  onDisk[CONFIG] = "listeners:\n  other: { kind: proxy, listen: '[::1]:1081' }\npolicy: p.portail\nlimits: { idle: 5m }\n";
  onDisk[POLICY] = GOOD_POLICY.replaceAll("web", "net");
  const report = await snapshots.reload();
  expect(report.applied).toBe(true);
  expect(report.policyDigest).toBe(snapshots.current().policy.digest);
  expect(report.changes).toEqual([
    "listener `other` was added ([::1]:1081)",
    "listener `local` was removed",
    "limits.idle is 5m (was 1h)",
    expect.stringMatching(/^policy is \/etc\/portail\/p.portail, \d+ rules, digest [0-9a-f]{12}$/),
    "policy `net` was added",
    "policy `web` was removed",
  ]);
  expect(changes).toEqual([snapshots.current()]);
  expect(before.config.listeners[0]?.name).toBe("local");
  expect(before.policy.text).toBe(GOOD_POLICY);
});

const BROKEN: readonly (readonly [what: string, files: Record<string, string | Uint8Array>, code: string])[] = [
  ["a broken configuration", { [CONFIG]: "listener: {}\n" }, "CONFIG_INVALID"],
  ["a configuration that is not text", { [CONFIG]: Uint8Array.of(0x61, 0x3a, 0xff, 0xfe) }, "CONFIG_INVALID"],
  ["a policy that is gone", { [CONFIG]: GOOD.replace("p.portail", "q.portail") }, "POLICY_UNREADABLE"],
  ["a broken policy", { [POLICY]: "portail policy 1\npolicy {" }, "POLICY_INVALID"],
  ["a policy that fails its own tests", { [POLICY]: GOOD_POLICY.replace("expect deny", "expect allow") }, "POLICY_TESTS_FAILED"],
];

test.each(BROKEN)("%s changes nothing, not even the good half, and the last good one stays", async (_what, broken, code) => {
  const { onDisk, snapshots, changes } = await begin({ [CONFIG]: GOOD, [POLICY]: GOOD_POLICY });
  const before = snapshots.current();
  Object.assign(onDisk, { [CONFIG]: `${GOOD}limits: { idle: 5m }\n` }, broken);
  const report = await snapshots.reload();
  expect(report).toMatchObject({ applied: false, policyDigest: before.policy.digest, changes: [] });
  expect(report.problems.length).toBeGreaterThan(0);
  expect(snapshots.current()).toBe(before);
  expect(changes).toEqual([]);
  expect(snapshots.refused()).toMatchObject({ code });
  expect(snapshots.refusedPolicy() !== undefined).toBe(code === "POLICY_INVALID" || code === "POLICY_TESTS_FAILED");
  Object.assign(onDisk, { [CONFIG]: GOOD, [POLICY]: GOOD_POLICY });
  expect(await snapshots.reload()).toMatchObject({ applied: true, changes: [] });
  expect(snapshots.refused()).toBeUndefined();
  expect(snapshots.current()).toBe(before);
});

test("a failing test of the policy is named with its line and what differed", async () => {
  const { options } = disk({ [CONFIG]: GOOD, [POLICY]: GOOD_POLICY.replace("expect deny", "expect allow") });
  const loaded = await loadSnapshot(options);
  expect(loaded).toMatchObject({
    kind: "refused",
    code: "POLICY_TESTS_FAILED",
    problems: [{ file: POLICY, line: 4, column: 1, code: "E_TEST" }],
  });
});

test("a snapshot that cannot be prepared is refused as a whole", async () => {
  let canListen = false;
  const { onDisk, snapshots } = await begin({ [CONFIG]: GOOD, [POLICY]: GOOD_POLICY }, async () =>
    canListen ? [] : [{ file: CONFIG, line: 2, column: 1, severity: "error", code: "E_LISTEN", message: "the port is taken" }],
  );
  const before = snapshots.current();
  expect(await snapshots.reload()).toMatchObject({ applied: true, changes: [] });
  onDisk[CONFIG] = GOOD.replace("1080", "1090");
  expect(await snapshots.reload()).toMatchObject({ applied: false, problems: [{ message: "the port is taken" }] });
  expect(snapshots.current()).toBe(before);
  canListen = true;
  expect(await snapshots.reload()).toMatchObject({ applied: true });
});

test("reloads run one after the other; those that arrive meanwhile share one that begins later", async () => {
  const { options, files } = disk({ [CONFIG]: GOOD, [POLICY]: GOOD_POLICY });
  let readings = 0;
  let running = 0;
  const read: ConfigFiles["read"] = async (path, maxBytes) => {
    expect(++running).toBe(1);
    if (path === CONFIG) readings++;
    const bytes = await options.files.read(path, maxBytes);
    running--;
    return bytes;
  };
  const snapshots = createSnapshots(await first(options), { ...options, files: { ...options.files, read } });
  const early = snapshots.reload();
  await expect.poll(() => readings, { timeout: 10_000 }).toBe(1);
  files[CONFIG] = `${GOOD}limits: { idle: 5m }\n`;
  const late = Array.from({ length: 20 }, () => snapshots.reload());
  await early;
  for (const report of await Promise.all(late)) expect(report).toMatchObject({ applied: true, changes: ["limits.idle is 5m (was 1h)"] });
  expect(readings).toBe(2);
  expect(snapshots.current().config.limits.idleMs).toBe(300_000);
});

test("whoever stopped listening to changes is not called", async () => {
  const { onDisk, snapshots, changes } = await begin({ [CONFIG]: GOOD, [POLICY]: GOOD_POLICY });
  const others: Snapshot[] = [];
  snapshots.onChange((after) => others.push(after))();
  onDisk[CONFIG] = `${GOOD}limits: { idle: 5m }\n`;
  await snapshots.reload();
  expect([changes.length, others.length]).toEqual([1, 0]);
});

test("a secret that others can read, or that is not there, is refused with the command that mends it", async () => {
  const config = `${GOOD}identities:\n  build: { kind: file, cert: c.pem, key: keys/k.pem }\noidc: { issuer: "https://sso.example", client_id: x, client_secret: file:/run/secret }\n`;
  const { options } = disk({ [CONFIG]: config, [POLICY]: GOOD_POLICY }, { "/etc/portail/keys/k.pem": { mode: 0o100644, uid: 0 } });
  const loaded = await loadSnapshot(options);
  const secrets = loaded.kind === "refused" ? loaded.problems.filter(({ code }) => code === "E_SECRET") : [];
  expect(secrets.map(({ message, hint, line }) => [line, message, hint])).toEqual([
    [5, "/etc/portail/keys/k.pem can be read by other users (mode 0644)", "run: chmod 600 '/etc/portail/keys/k.pem', and renew the secret"],
    [6, "/run/secret cannot be read", "check the path; it is relative to this file"],
  ]);
});

test("a renewal takes certificates over and leaves a configuration and a policy that are being written alone", async () => {
  const trusting = `${GOOD}backends:\n  gw: { kind: socks5, address: "gw.test:1", tls: { ca: [ca.pem, bundled] } }\n`;
  const [one, two] = rootCertificates;
  const { onDisk, snapshots, changes } = await begin({ [CONFIG]: trusting, [POLICY]: GOOD_POLICY, "/etc/portail/ca.pem": one ?? "" });
  onDisk[CONFIG] = "listeners: {";
  onDisk[POLICY] = "portail policy 1\npolicy";
  onDisk["/etc/portail/ca.pem"] = two ?? "";
  const before = snapshots.current();
  expect(await snapshots.renew()).toMatchObject({ applied: true, changes: ["/etc/portail/ca.pem was renewed"] });
  expect(snapshots.current()).toMatchObject({ config: before.config, policy: before.policy });
  expect(snapshots.current().pem.get("/etc/portail/ca.pem")).toBe(two);
  expect(await snapshots.renew()).toMatchObject({ applied: true, changes: [] });
  onDisk["/etc/portail/ca.pem"] = "half a certificate";
  expect(await snapshots.renew()).toMatchObject({ applied: false });
  expect(snapshots.current().pem.get("/etc/portail/ca.pem")).toBe(two);
  expect(changes).toHaveLength(1);
  expect((await snapshots.reload()).applied).toBe(false);
  await snapshots.renew();
  expect(snapshots.refused()?.code).toBe("CONFIG_INVALID");
});
