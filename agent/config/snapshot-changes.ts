import { formatDuration } from "../base/index.ts";
import type { Config, ListenAddress, ListenerConfig } from "./config.ts";
import type { Snapshot } from "./snapshot.ts";

/** What a reload changed, one sentence each, for the person who asked for it. */
export function describeChanges(before: Snapshot, after: Snapshot): readonly string[] {
  return [
    ...namedChanges("listener", before.config.listeners, after.config.listeners),
    ...namedChanges("backend", before.config.backends, after.config.backends),
    ...namedChanges("identity", before.config.identities, after.config.identities),
    ...pemChanges(before, after),
    ...limitChanges(before.config, after.config),
    ...sectionChanges(before.config, after.config),
    ...policyChanges(before, after),
  ];
}

/** SECURITY: says that a file has another content, never which. */
function pemChanges(before: Snapshot, after: Snapshot): string[] {
  return [...after.pem].flatMap(([file, text]) => (before.pem.has(file) && before.pem.get(file) !== text ? [`${file} was renewed`] : []));
}

interface Named {
  readonly name: string;
}

function namedChanges<T extends Named>(what: string, before: readonly T[], after: readonly T[]): string[] {
  const old = new Map(before.map((item) => [item.name, item]));
  const removed = before.filter(({ name }) => !after.some((item) => item.name === name));
  return [
    ...after.flatMap((item) => {
      const was = old.get(item.name);
      if (was === undefined) return [`${what} \`${item.name}\` was added${whereOf(item)}`];
      return isEqual(was, item) ? [] : [`${what} \`${item.name}\` was changed${whereOf(item)}`];
    }),
    ...removed.map(({ name }) => `${what} \`${name}\` was removed`),
  ];
}

function whereOf(item: Named | ListenerConfig): string {
  return "listen" in item ? ` (${item.listen.map(formatListenAddress).join(", ")})` : "";
}

/** As it is written in the file. */
export function formatListenAddress(address: ListenAddress): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  if (address.kind === "systemd") return `systemd:${address.name}`;
  return address.host.includes(":") ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

function limitChanges(before: Config, after: Config): string[] {
  return (Object.keys(after.limits) as (keyof Config["limits"])[]).flatMap((key) => {
    const [was, is] = [before.limits[key], after.limits[key]];
    if (was === is) return [];
    const format = key === "connections" ? String : formatDuration;
    return [`limits.${key.replace(/Ms$/, "")} is ${format(is)} (was ${format(was)})`];
  });
}

function sectionChanges(before: Config, after: Config): string[] {
  return (["audit", "resolver", "metrics"] as const).flatMap((key) => (isEqual(before[key], after[key]) ? [] : [`${key} was changed`]));
}

function policyChanges(before: Snapshot, after: Snapshot): string[] {
  if (before.policy.digest === after.policy.digest && before.policySource === after.policySource) return [];
  const names = (snapshot: Snapshot) => new Set(snapshot.policy.rules.map(({ rule }) => `${rule.kind} \`${rule.name}\``));
  const [old, now] = [names(before), names(after)];
  const added = [...now.difference(old)].map((rule) => `${rule} was added`);
  const removed = [...old.difference(now)].map((rule) => `${rule} was removed`);
  return [
    `policy is ${after.policySource}, ${after.policy.rules.length} rules, digest ${after.policy.digest.slice(0, 12)}`,
    ...added,
    ...removed,
  ];
}

function isEqual(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
