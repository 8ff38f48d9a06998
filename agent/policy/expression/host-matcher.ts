import type { HostPattern } from "./host-pattern.ts";

/** Whether a canonical host is one of many. */
export interface HostMatcher {
  matches(host: string): boolean;
}

/** So few wildcards are compared one by one faster than suffixes are hashed. */
const FEW = 4;

/**
 * Compile patterns. Exact names cost one hash probe, wildcards two for each label of the host, however many patterns
 * there are. An IP address can only match exactly: no name ends in a number.
 */
export function createHostMatcher(patterns: readonly HostPattern[]): HostMatcher {
  const exact = new Set(patterns.filter(({ kind }) => kind === "exact" || kind === "domain").map(({ base }) => base));
  const wild = patterns.filter(({ kind }) => kind !== "exact");
  const isExact = exactTest(exact);
  if (wild.length === 0) return { matches: isExact };
  const isBelow = wild.length <= FEW ? compareEach(wild) : probeSuffixes(wild);
  return { matches: (host) => isExact(host) || isBelow(host) };
}

function exactTest(names: ReadonlySet<string>): (host: string) => boolean {
  const [only = ""] = names;
  return names.size <= 1 ? (host) => host === only : (host) => names.has(host);
}

function compareEach(wild: readonly HostPattern[]): (host: string) => boolean {
  const tests = wild.map(({ kind, base }) => {
    const tail = `.${base}`;
    const isOneLabel = kind === "one-label";
    return (host: string): boolean =>
      host.length > tail.length && host.endsWith(tail) && (!isOneLabel || host.indexOf(".") === host.length - tail.length);
  });
  const [first, ...rest] = tests;
  if (first !== undefined && rest.length === 0) return first;
  return (host) => tests.some((test) => test(host));
}

function probeSuffixes(wild: readonly HostPattern[]): (host: string) => boolean {
  const oneLabel = new Set(wild.filter(({ kind }) => kind === "one-label").map(({ base }) => base));
  const deep = new Set(wild.filter(({ kind }) => kind !== "one-label").map(({ base }) => base));
  return (host) => {
    let dot = host.indexOf(".");
    if (dot > 0 && oneLabel.has(host.slice(dot + 1))) return true;
    for (; dot > 0; dot = host.indexOf(".", dot + 1)) {
      if (deep.has(host.slice(dot + 1))) return true;
    }
    return false;
  };
}
