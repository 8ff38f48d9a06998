import type { Clock } from "../base/index.ts";
import type { Fact, Facts, Request } from "../connection/index.ts";
import { createSourceIndex, type FactSource } from "./fact-source.ts";
import { createLocalTime, type LocalTime } from "./local-time.ts";
import { requestFacts } from "./request-facts.ts";

/** Facts, and which request they are about, so that more of them can be fetched. */
export interface RequestFacts {
  readonly request: Request;
  readonly facts: Facts;
}

export interface GatherOptions {
  /** Judged again for a direct way out, because every backend failed. */
  readonly direct?: boolean;
}

/** Gathers what is known about requests. */
export interface Context {
  /** At once and without I/O: what needs fetching is `unknown` and `pending`. */
  gatherFacts(request: Request, options?: GatherOptions): Facts;
  /**
   * The same facts with the wanted ones found out, as far as their sources can before `signal` aborts. Never rejects: what could not
   * be found out stays unknown, says why, and is not pending any more.
   */
  fetchFacts(about: RequestFacts, wanted: readonly string[], signal: AbortSignal): Promise<Facts>;
}

export interface ContextOptions {
  readonly clock: Clock;
  /** IANA name of the zone of `time.hour` and `time.weekday`; the machine's own when absent. */
  readonly zone?: string;
  /** The latest instant that is certain to have passed: with a clock behind it `time.*` is unknown. */
  readonly latestKnownTime?: () => number;
  readonly sources?: readonly FactSource[];
}

const NO_SOURCE: Fact = { kind: "unknown", why: "no source is configured" };
const CLOCK_BEHIND: Fact = { kind: "unknown", why: "the clock of this machine is behind", source: "clock" };

export function createContext(options: ContextOptions): Context {
  const sourceOf = createSourceIndex(options.sources ?? []);
  const readTime = createTimeReader(options);

  const gatherFacts = (request: Request, { direct = false }: GatherOptions = {}): Facts => {
    let now: number | undefined;
    return {
      read(attribute) {
        if (attribute.startsWith("time.")) return readTime(attribute, (now ??= options.clock.now()));
        if (attribute === "request.direct") return { kind: "known", value: direct };
        return requestFacts.get(attribute)?.(request) ?? sourceOf(attribute)?.read(attribute, request) ?? NO_SOURCE;
      },
    };
  };

  return {
    gatherFacts,
    async fetchFacts({ request, facts }, wanted, signal) {
      const fetched = await fetchFromSources({ request, facts, wanted, sourceOf, signal });
      return { read: (attribute) => fetched.get(attribute) ?? facts.read(attribute) };
    },
  };
}

/** One instant per request: a decision that is made in two rounds must not see two times. */
function createTimeReader({ zone, latestKnownTime }: ContextOptions): (attribute: string, now: number) => Fact {
  const localTime = createLocalTime(zone);
  const read: Readonly<Record<string, (now: number, local: LocalTime) => number>> = {
    "time.now": (now) => now,
    "time.hour": (_now, { hour }) => hour,
    "time.weekday": (_now, { weekday }) => weekday,
  };
  return (attribute, now) => {
    if (latestKnownTime !== undefined && now < latestKnownTime()) return CLOCK_BEHIND;
    const value = read[attribute]?.(now, localTime(now));
    return value === undefined ? NO_SOURCE : { kind: "known", value, source: "clock" };
  };
}

interface Fetching extends RequestFacts {
  readonly wanted: readonly string[];
  readonly sourceOf: (attribute: string) => FactSource | undefined;
  readonly signal: AbortSignal;
}

/** Each source is asked once, all at the same time, and only for what is still pending. */
async function fetchFromSources({ request, facts, wanted, sourceOf, signal }: Fetching): Promise<Map<string, Fact>> {
  const questions = Map.groupBy(
    wanted.filter((attribute) => isPending(facts.read(attribute))),
    sourceOf,
  );
  const fetched = new Map<string, Fact>();
  const ask = async (source: FactSource | undefined, attributes: readonly string[]): Promise<void> => {
    const answers = source === undefined ? undefined : await askInTime(source, attributes, { request, signal });
    for (const [attribute, fact] of answers ?? []) fetched.set(attribute, settled(fact));
    for (const attribute of attributes) {
      if (!fetched.has(attribute)) fetched.set(attribute, unanswered(source));
    }
  };
  await Promise.all([...questions].map(async ([source, attributes]) => ask(source, attributes)));
  return fetched;
}

/** A source that fails, or is slower than the deadline, has no answer; the decision goes on without it. */
async function askInTime(
  source: FactSource,
  wanted: readonly string[],
  { request, signal }: { readonly request: Request; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, Fact> | undefined> {
  if (signal.aborted) return undefined;
  const { promise: aborted, resolve: giveUp } = Promise.withResolvers<undefined>();
  const onAbort = (): void => giveUp(undefined);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([source.fetch(wanted, request, signal), aborted]);
  } catch {
    return undefined;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function isPending(fact: Fact): boolean {
  return fact.kind === "unknown" && fact.pending === true;
}

/** INVARIANT: what was fetched is not pending any more, so that judging and fetching cannot go round for ever (context.test.ts). */
function settled(fact: Fact): Fact {
  return fact.kind === "unknown" && fact.pending === true ? { ...fact, pending: false } : fact;
}

function unanswered(source: FactSource | undefined): Fact {
  return { kind: "unknown", why: "its source did not answer in time", ...(source === undefined ? {} : { source: source.name }) };
}
