import type { Cancel, Clock, Leash } from "../base/index.ts";
import type { Ask, Passage } from "../connection/index.ts";
import type { Change, ConnectionView, HoldView } from "../contract/index.ts";

/** What became of a waiting connection. `go` means: judge it again, now that somebody acted. */
export type HoldAnswer = { readonly kind: "go"; readonly reason?: string } | { readonly kind: "refuse"; readonly detail?: string };

export interface HoldsOptions {
  readonly clock: Clock;
  readonly view: (passage: Passage) => ConnectionView;
  readonly publish: (change: Change) => void;
  /** At most this many wait; one more is refused at once. */
  readonly max?: number;
}

export interface Holds {
  /** Park until somebody answers, the ask's time is over, or the leash is pulled. Never rejects. */
  wait(passage: Passage, ask: Ask, leash: Leash): Promise<HoldAnswer>;
  /** False when nothing waits under this id. */
  resolve(id: string, answer: HoldAnswer): boolean;
  list(): readonly HoldView[];
  /** What the person has answered for a connection, for judging it again; nothing for one that never waited. */
  answersOf(id: string): ReadonlySet<string> | undefined;
  /** The connection has ended. */
  forget(id: string): void;
}

interface Waiting {
  readonly view: HoldView;
  finish(answer: HoldAnswer): void;
}

const maxDefault = 256;

export function createHolds({ clock, view, publish, max = maxDefault }: HoldsOptions): Holds {
  const waiting = new Map<string, Waiting>();
  const answers = new Map<string, ReadonlySet<string>>();

  return {
    wait(passage, ask, leash) {
      const { id } = passage.request;
      if (waiting.size >= max) return Promise.resolve({ kind: "refuse", detail: "too many connections wait already" });
      const { promise, resolve } = Promise.withResolvers<HoldAnswer>();
      const releases: Cancel[] = [];
      const finish = (answer: HoldAnswer) => {
        if (!waiting.delete(id)) return;
        for (const release of releases) release();
        if (answer.kind === "go") answers.set(id, answeredBy(answer, ask));
        publish({ kind: "released", id });
        resolve(answer);
      };
      const hold: HoldView = describe(passage, ask, view(passage), clock.now());
      waiting.set(id, { view: hold, finish });
      releases.push(clock.after(ask.holdMs, () => finish({ kind: "refuse", detail: "nobody answered in time" })));
      releases.push(() => leash.watch(undefined));
      leash.watch(() => finish({ kind: "refuse", detail: "the program went away" }));
      publish({ kind: "hold", hold });
      return promise;
    },
    resolve(id, answer) {
      const found = waiting.get(id);
      found?.finish(answer);
      return found !== undefined;
    },
    list: () => [...waiting.values()].map((one) => one.view),
    answersOf: (id) => answers.get(id),
    forget: (id) => void answers.delete(id),
  };
}

/** SECURITY: a word of the person meets only what asks for no more than that; a sign-in or an approval is found out, not said. */
function answeredBy({ reason }: { readonly reason?: string }, { asks }: Ask): ReadonlySet<string> {
  const met = asks.filter(({ what }) => what === "confirm" || (what === "reason" && isGiven(reason)));
  return new Set(met.map(({ what }) => what));
}

function isGiven(reason: string | undefined): boolean {
  return reason !== undefined && reason.trim() !== "";
}

function describe(passage: Passage, ask: Ask, connection: ConnectionView, now: number): HoldView {
  const { verdict } = passage;
  return {
    id: passage.request.id,
    connection,
    kind: ask.kind,
    asks: ask.asks.map(({ what, value }) => (value === undefined ? { what } : { what, value })),
    ...(verdict?.say === undefined ? {} : { say: verdict.say }),
    ...(verdict?.help === undefined ? {} : { help: verdict.help }),
    expiresAt: now + ask.holdMs,
  };
}
