import { failureCodeOf } from "../base/index.ts";
import type { Carried, Client, End, FailureCode, Limits, Refusal, Request } from "../connection/index.ts";
import type { Upstream } from "../net/index.ts";
import { decide } from "./decide.ts";
import { Journey } from "./journey.ts";
import type { Ports } from "./ports.ts";
import { record } from "./record.ts";
import type { No, Walk } from "./walk.ts";
import { openWayOut } from "./way-out.ts";

/**
 * The life of one connection. It never throws, it fails closed, and it leaves one verdict and one end in the record (and one verdict more
 * if it goes out directly because every backend failed: that is decided anew).
 * INVARIANT: no byte goes upstream unless the verdict in force is `allow`, was judged, and is durable. Guarded by handle.prop.test.ts.
 */
export async function handle(request: Request, client: Client<Upstream>, ports: Ports): Promise<End> {
  const journey = new Journey(request, ports);
  const walk: Walk = { journey, client, ports };
  watchClient(walk);
  const end = await live(walk).catch((cause: unknown): End => ({ kind: "failed", code: failureCodeOf(cause), cause }));
  if (!journey.wasCarried && end.kind !== "served" && end.kind !== "cut") await refuse(walk, end);
  await bury(walk, end);
  return end;
}

/** A client that cannot be watched is served all the same. */
function watchClient({ journey, client }: Walk): void {
  try {
    client.onGone?.(() => journey.leash.pull("CARRY_CLIENT_RESET"));
  } catch (cause) {
    ignoreGoneClient(cause);
  }
}

async function live(walk: Walk): Promise<End> {
  const { journey } = walk;
  journey.enter("judging");
  const decided = await decide(walk);
  if (decided.kind === "no") {
    await walk.ports.beforeDenial?.(journey);
    return refused((await record(walk)) ?? decided);
  }
  const wayOut = await openWayOut(walk, decided);
  return wayOut.kind === "open" ? carry(walk, wayOut.upstream) : refused(wayOut);
}

async function carry({ journey, client, ports }: Walk, upstream: Upstream): Promise<End> {
  const limits = bounded(ports.limits(journey.request), journey.verdict?.lifetimeMs);
  journey.wasCarried = true;
  try {
    journey.carrying = client.carry(upstream, limits, journey.leash);
  } catch (cause) {
    upstream.leg.destroy();
    throw cause;
  }
  journey.enter("open");
  const carried = await journey.carrying.ended;
  return endOf(carried, journey.leash.code);
}

/** Tell the client in its own words; a client that cannot hear is gone already. */
async function refuse({ journey, client, ports }: Walk, end: End & { readonly code: FailureCode }): Promise<void> {
  try {
    await client.refuse(refusalOf({ journey, ports }, end));
  } catch (cause) {
    ignoreGoneClient(cause);
  }
}

function refusalOf({ journey, ports }: Pick<Walk, "journey" | "ports">, end: End & { readonly code: FailureCode }): Refusal {
  const { verdict, incident } = journey;
  const refusal: Refusal = {
    code: end.code,
    incident,
    ...(end.kind === "refused" && end.detail !== undefined ? { detail: end.detail } : {}),
    ...(verdict === undefined ? {} : { verdict }),
  };
  try {
    return { ...refusal, ...ports.explain(journey) };
  } catch {
    // Without an explanation the refusal is poorer, and still a refusal.
    return refusal;
  }
}

/** The last page: whatever happened, there is an end in the record, and the onlookers know. */
async function bury({ journey, ports }: Walk, end: End): Promise<void> {
  journey.leash.watch(undefined);
  journey.end = end;
  journey.endedAt = ports.clock.now();
  journey.enter("ended");
  try {
    await ports.recordEnd(journey);
  } catch (cause) {
    ports.raiseAuditAlarm(cause);
  }
}

function refused({ code, detail }: No): End {
  return detail === undefined ? { kind: "refused", code } : { kind: "refused", code, detail };
}

const CUT_CODES = {
  idle: "CARRY_IDLE",
  lifetime: "CARRY_LIFETIME",
  client_reset: "CARRY_CLIENT_RESET",
  server_reset: "CARRY_SERVER_RESET",
  denied: "DIAL_BACKEND_DENIED",
} as const satisfies Partial<Record<Carried["why"], FailureCode>>;

function endOf({ why, up, down, detail, code: told }: Carried, pulled: FailureCode | undefined): End {
  if (why === "finished") return { kind: "served", up, down };
  const code = told ?? (why === "cut" ? (pulled ?? "CARRY_INTERRUPTED") : CUT_CODES[why]);
  if (why === "denied") return refused(detail === undefined ? { kind: "no", code } : { kind: "no", code, detail });
  return detail === undefined ? { kind: "cut", code, up, down } : { kind: "cut", code, up, down, detail };
}

function bounded(limits: Limits, lifetimeMs: number | undefined): Limits {
  return lifetimeMs === undefined || lifetimeMs >= limits.lifetimeMs ? limits : { ...limits, lifetimeMs };
}

function ignoreGoneClient(_cause: unknown): void {}
