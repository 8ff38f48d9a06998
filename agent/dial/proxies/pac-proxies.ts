import { AgentError, type Clock } from "../../base/index.ts";
import type { Route } from "../../connection/index.ts";
import type { Resolve } from "../resolver.ts";
import type { ChooseWays } from "./choosing-dialler.ts";
import { parsePacResult } from "./pac-result.ts";
import type { ProxyWay } from "./proxy-way.ts";

export interface PacOptions {
  readonly clock: Clock;
  /** Asks the script; what it returns is looked at here. Rejects with a sentence that goes on after the script's name. */
  readonly ask: (input: readonly unknown[]) => Promise<unknown>;
  readonly resolve: Resolve;
  /** An address of this machine by which others reach it. */
  readonly ownAddress: () => string;
}

/** An answer holds for a moment: browsers ask for many things of one host at once. */
const KEEP_MS = 30_000;
const MOST_KEPT = 512;
/** So many rounds of looking names up may one answer take. */
const MOST_ROUNDS = 8;
const MOST_NAMES = 32;

/** Which proxies a PAC file names. */
export function createPacProxies(options: PacOptions): ChooseWays {
  const { clock } = options;
  const known = new Map<string, { readonly until: number; readonly ways: Promise<readonly ProxyWay[]> }>();
  return (destination, isPlainHttp) => {
    const url = urlOf(destination, isPlainHttp);
    const kept = known.get(url);
    if (kept !== undefined && kept.until > clock.monotonic()) return kept.ways;
    const ways = find(url, destination.host, options);
    known.delete(url);
    known.set(url, { until: clock.monotonic() + KEEP_MS, ways });
    const [oldest] = known.keys();
    if (known.size > MOST_KEPT && oldest !== undefined) known.delete(oldest);
    ways.catch(() => known.delete(url));
    return ways;
  };
}

/** SECURITY: neither path nor query: a PAC file of a stranger's network would learn them. */
function urlOf({ host, port }: Pick<Route, "host" | "port">, isPlainHttp: boolean): string {
  const name = host.includes(":") ? `[${host}]` : host;
  const [scheme, usual] = isPlainHttp ? ["http", 80] : ["https", 443];
  return `${scheme}://${name}${port === usual ? "" : `:${port}`}/`;
}

async function find(url: string, host: string, { ask, resolve, ownAddress, clock }: PacOptions): Promise<readonly ProxyWay[]> {
  const answers: Record<string, string | null> = {};
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const said = await askScript(() => ask([url, host, { answers, own: ownAddress(), now: clock.now() }]));
    const wanted = said.wanted.filter((name) => !Object.hasOwn(answers, name)).slice(0, MOST_NAMES);
    if (wanted.length === 0) return waysIn(said);
    for (const [name, address] of await Promise.all(wanted.map(async (one) => [one, await addressOf(one, resolve)] as const)))
      answers[name] = address;
  }
  throw new AgentError("DIAL_BACKEND_DOWN", "the PAC file wants to look up names without end");
}

interface Said {
  readonly result: string | null;
  readonly odd: boolean;
  readonly wanted: readonly string[];
}

async function askScript(ask: () => Promise<unknown>): Promise<Said> {
  let said: unknown;
  try {
    said = await ask();
  } catch (cause) {
    throw new AgentError("DIAL_BACKEND_DOWN", `the PAC file ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  if (!isSaid(said)) throw new AgentError("DIAL_BACKEND_DOWN", "the PAC file answered with something else");
  return said;
}

/** SECURITY: whatever sits in the script's process may answer anything. */
function isSaid(said: unknown): said is Said {
  if (typeof said !== "object" || said === null) return false;
  const { result, odd, wanted } = said as { readonly [key in keyof Said]: unknown };
  const isWanted = Array.isArray(wanted) && wanted.length <= 256 && wanted.every((name) => typeof name === "string" && name.length <= 253);
  return (result === null || typeof result === "string") && typeof odd === "boolean" && isWanted;
}

function waysIn({ result, odd }: Said): readonly ProxyWay[] {
  const ways = odd ? undefined : parsePacResult(result);
  if (ways === undefined) throw new AgentError("DIAL_BACKEND_DOWN", "the PAC file names no proxy that is understood");
  return ways;
}

/** Old functions know old addresses only. */
async function addressOf(name: string, resolve: Resolve): Promise<string | null> {
  if (!/^[a-z0-9._-]+$/.test(name)) return null;
  const resolved = await resolve(name);
  if (resolved.kind === "failed") return null;
  return resolved.addresses.find((address) => !address.includes(":")) ?? null;
}
