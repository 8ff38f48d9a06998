import type { Leash } from "../base/index.ts";
import type { Carried, Carrying, Client, End, Facts, Limits, Outcome, Refusal, Request, Verdict } from "../connection/index.ts";
import type { Leg, Upstream } from "../net/index.ts";
import type { Ports } from "./ports.ts";

/** Everything that happened, in order; the tests read it like a story. */
export type Story = string[];

export function verdictOf(outcome: Outcome, more: Partial<Verdict> = {}): Verdict {
  return {
    outcome,
    rule: { kind: "policy", name: "p", line: 1 },
    policyDigest: "d",
    failed: [],
    unknown: [],
    stale: [],
    assumed: [],
    log: "summary",
    onChange: "keep",
    backends: [],
    examined: 1,
    rules: 1,
    ...more,
  };
}

export const request: Request = {
  id: "01HZX8Q5E9A7B3CD",
  listener: "local",
  protocol: "socks5",
  transport: "tcp",
  host: "db.corp.example",
  port: 5432,
  tls: false,
  origin: { kind: "tcp", address: "127.0.0.1", port: 40_000, localAddress: "127.0.0.1", localPort: 1080 },
  receivedAt: 0,
};

export const noFacts: Facts = { read: () => ({ kind: "absent" }) };

/** A client that moves one byte as soon as it is told to carry, and ends. */
export class FakeClient implements Client<Upstream> {
  readonly refusals: Refusal[] = [];
  limits: Limits | undefined;
  carries = 0;
  gone: (() => void) | undefined;
  private readonly story: Story;
  private readonly carried: (leash: Leash) => Promise<Carried>;

  constructor(story: Story, carried: (leash: Leash) => Promise<Carried> = () => Promise.resolve({ why: "finished", up: 1, down: 2 })) {
    this.story = story;
    this.carried = carried;
  }

  carry(_upstream: Upstream, limits: Limits, leash: Leash): Carrying {
    this.story.push("bytes");
    this.carries += 1;
    this.limits = limits;
    return { up: 1, down: 2, ended: this.carried(leash) };
  }

  refuse(refusal: Refusal): Promise<void> {
    this.story.push(`refuse ${refusal.code}`);
    this.refusals.push(refusal);
    return Promise.resolve();
  }

  onGone(gone: () => void): void {
    this.gone = gone;
  }
}

export function fakeUpstream(story: Story, backend = "direct"): Upstream {
  const leg = { destroy: () => story.push("upstream destroyed") } as unknown as Leg;
  return { leg, backend, local: { address: "127.0.0.1", port: 1 }, remote: { address: "10.0.0.1", port: 5432 } };
}

/** Working small versions of the other rooms, which write down what they are asked. */
export function fakePorts(story: Story, verdict: Verdict, more: Partial<Ports> = {}): Ports {
  const ends: End[] = [];
  return {
    clock: { now: () => 1000, monotonic: () => 0, after: () => () => undefined },
    policyDigest: "d",
    gather: () => noFacts,
    fetch: (_request, facts) => Promise.resolve(facts),
    fetchMs: 100,
    judge: () => ({ verdict, wanted: [] }),
    hold: () => Promise.resolve({ kind: "go" }),
    recordVerdict: (passage) => {
      story.push(`verdict ${passage.verdict?.outcome ?? "none"}`);
      return Promise.resolve();
    },
    recordEnd: (passage) => {
      if (passage.end !== undefined) ends.push(passage.end);
      story.push(`end ${passage.end?.kind ?? "none"}`);
      return Promise.resolve();
    },
    raiseAuditAlarm: () => story.push("alarm"),
    selectRoutes: (target) => ({ kind: "routes", routes: [{ backend: "direct", host: target.host, port: target.port }] }),
    lastResort: () => undefined,
    dial: async (routes, how) => {
      story.push(`dial ${routes[0]?.host ?? ""}`);
      return (await how.admit("10.0.0.1", 5432))
        ? { kind: "open", upstream: fakeUpstream(story, routes[0]?.backend) }
        : { kind: "failed", code: "DIAL_ADDRESS_DENIED", detail: "10.0.0.1:5432" };
    },
    limits: () => ({ connectMs: 1000, idleMs: 1000, lifetimeMs: 10_000 }),
    explain: () => ({ say: "because" }),
    observe: (passage) => story.push(passage.state),
    ...more,
  };
}
