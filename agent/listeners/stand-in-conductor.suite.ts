import { type Clock, Leash } from "../base/index.ts";
import type { Carried, Client, End, Limits, Refusal, Request, Route } from "../connection/index.ts";
import type { FailureCode } from "../contract/index.ts";
import { type Connected, connectTcp, type ListenAt, type Upstream, Wheel } from "../net/index.ts";
import type { CheckLogin } from "./login.ts";
import { createProxyListener, type ProxyListener } from "./proxy/create-proxy-listener.ts";
import type { Identify, ProxyProtocol } from "./proxy/porter.ts";
import type { Deadlines, TurnedAway } from "./reception.ts";

/** A small working conductor for tests of listeners: lets everything through but what it was told to refuse, and dials loopback only. */
export interface House {
  readonly listener: ProxyListener;
  readonly port: number;
  readonly requests: Request[];
  readonly ends: End[];
  readonly carried: Carried[];
  readonly turnedAway: TurnedAway[];
  /** How many connections to servers were opened. */
  readonly dialled: () => number;
  /** Connections to servers that are still open. */
  readonly openUpstreams: () => number;
  readonly close: () => Promise<void>;
}

export interface HouseOptions {
  readonly protocols?: readonly ProxyProtocol[];
  readonly checkLogin?: CheckLogin;
  readonly identify?: Identify;
  /** Refuse what this names. */
  readonly refuse?: (request: Request) => Omit<Refusal, "incident"> | undefined;
  readonly limits?: Partial<Limits>;
  readonly deadlines?: Deadlines;
  readonly clock?: Clock;
  readonly maxConnections?: number;
  readonly listen?: ListenAt;
  readonly onLeash?: (leash: Leash) => void;
}

export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const clock = options.clock ?? realClock;
  const wheel = new Wheel(clock);
  const requests: Request[] = [];
  const ends: End[] = [];
  const carried: Carried[] = [];
  const turnedAway: TurnedAway[] = [];
  const upstreams = new Set<Upstream>();
  let dialled = 0;
  let ids = 0;
  const limits: Limits = { connectMs: 5000, idleMs: 60_000, lifetimeMs: Number.POSITIVE_INFINITY, ...options.limits };

  const dial = async (route: Route): Promise<Upstream | FailureCode> => {
    const address = NAMES.get(route.host) ?? route.host;
    const connected = await new Promise<Connected>((resolve) => void connectTcp(address, route.port, resolve));
    if ("error" in connected) return connected.error === "ECONNREFUSED" ? "DIAL_REFUSED" : "DIAL_UNREACHABLE";
    dialled++;
    const { leg } = connected;
    return { leg, backend: "direct", local: leg.local ?? NOWHERE, remote: { address, port: route.port } };
  };

  const conduct = async (request: Request, client: Client<Upstream>): Promise<End> => {
    requests.push(request);
    const leash = new Leash();
    options.onLeash?.(leash);
    const refuse = async (refusal: Omit<Refusal, "incident">): Promise<End> => {
      await client.refuse({ ...refusal, incident: "7F3K" });
      return { kind: "refused", code: refusal.code };
    };
    const refusal = options.refuse?.(request);
    if (refusal !== undefined) return refuse(refusal);
    const route: Route = { backend: "direct", host: request.host, port: request.port };
    let isGone = false;
    client.onGone?.(() => {
      isGone = true;
    });
    const upstream = client.kept?.([route]) ?? (await dial(route));
    if (typeof upstream === "string") return refuse({ code: upstream });
    upstreams.add(upstream);
    if (isGone) {
      upstream.leg.destroy();
      return { kind: "refused", code: "HANDSHAKE_GONE" };
    }
    const end = await client.carry(upstream, limits, leash).ended;
    carried.push(end);
    return { kind: "served", up: end.up, down: end.down };
  };

  const listener = await createProxyListener({
    name: "local",
    listen: [options.listen ?? { kind: "tcp", host: "127.0.0.1", port: 0 }],
    protocols: options.protocols ?? ["socks5", "http"],
    maxConnections: options.maxConnections ?? 1000,
    identify: options.identify ?? (() => ({ kind: "peer", peer: { uid: 1000 } })),
    ...(options.checkLogin === undefined ? {} : { checkLogin: options.checkLogin }),
    serve: async (request, client) => {
      const end = await conduct(request, client);
      ends.push(end);
      return end;
    },
    canonicalHost: (host) => (/^[a-z0-9.:-]{1,253}$/i.test(host) ? canonical(host) : undefined),
    nextId: () => `id-${++ids}`,
    incidentOf: (id) => `INC-${id}`,
    turnedAway: (refused) => {
      turnedAway.push(refused);
      return "7F3K";
    },
    clock,
    wheel,
    logger: quiet,
    ...(options.deadlines === undefined ? {} : { deadlines: options.deadlines }),
  });

  return {
    listener,
    port: listener.bound[0]?.port ?? 0,
    requests,
    ends,
    carried,
    turnedAway,
    dialled: () => dialled,
    openUpstreams: () => [...upstreams].filter(({ leg }) => !leg.closed).length,
    close: async () => {
      await listener.close(0);
      for (const { leg } of upstreams) leg.destroy();
    },
  };
}

const NOWHERE = { address: "0.0.0.0", port: 0 };

/** Names that tests may use; they all lead to loopback. */
const NAMES = new Map([
  ["origin.test", "127.0.0.1"],
  ["localhost", "127.0.0.1"],
  ["other.test", "127.0.0.1"],
]);

/** Enough of the canonical form for tests; the real one is policy's. */
function canonical(host: string): string {
  return /^(?:0*:){3,}0*1$|^::1$/.test(host) ? "::1" : host.toLowerCase().replace(/\.$/, "");
}
