import type { Facts, Request, Route } from "../connection/index.ts";
import { formatAddress, type Upstream } from "../net/index.ts";
import { judge, judgeFacts, withAddress } from "./judge.ts";
import type { DialAnswer } from "./ports.ts";
import { record } from "./record.ts";
import { type Allowed, type No, no, type Walk } from "./walk.ts";

export type WayOut = { readonly kind: "open"; readonly upstream: Upstream } | No;

/**
 * Route and dial while the verdict is being recorded; open only when both are done.
 * INVARIANT: whoever gets `open` may send: the verdict is durable. Guarded by handle.prop.test.ts.
 */
export async function openWayOut(walk: Walk, allowed: Allowed): Promise<WayOut> {
  const recording = record(walk);
  const dialled = await dialRoutes(walk, allowed);
  const unrecorded = await recording;
  if (unrecorded !== undefined) {
    if (dialled.kind === "open") dialled.upstream.leg.destroy();
    return unrecorded;
  }
  if (dialled.kind === "open") return keepUnlessCut(walk, dialled.upstream);
  return goDirect(walk, allowed, dialled);
}

async function dialRoutes(walk: Walk, { verdict, target }: Allowed): Promise<DialAnswer> {
  try {
    const choice = walk.ports.selectRoutes(target, verdict);
    if (choice.kind === "unknown") return { kind: "failed", code: choice.code, detail: choice.backend, sent: true };
    if (choice.routes.length === 0) return { kind: "failed", code: "ROUTE_NONE", detail: "", sent: true };
    walk.journey.enter("dialling");
    return (await reuse(walk, choice.routes, target)) ?? (await dial(walk, choice.routes, target));
  } catch (cause) {
    // Whether anything was sent is not known, so no other way is tried.
    return { kind: "failed", code: "INTERNAL", detail: String(cause), sent: true };
  }
}

function dial(walk: Walk, routes: readonly Route[], target: Request): Promise<DialAnswer> {
  const { journey, ports } = walk;
  const { facts } = journey;
  return ports.dial(routes, {
    connectMs: ports.limits(target).connectMs,
    leash: journey.leash,
    isPlainHttp: walk.client.isPlainHttp === true,
    admit: (address) => facts !== undefined && (address === target.host || admit(walk, { target, facts, address })),
  });
}

/** A way out that the client kept from an earlier request. Its address is judged anew: the policy may have changed in between. */
async function reuse(walk: Walk, routes: readonly Route[], target: Request): Promise<DialAnswer | undefined> {
  const upstream = walk.client.kept?.(routes);
  if (upstream === undefined) return undefined;
  const { facts } = walk.journey;
  const { address } = upstream.remote;
  const isLocal = upstream.backend === DIRECT && address !== target.host;
  if (!isLocal || (facts !== undefined && (await admit(walk, { target, facts, address })))) return { kind: "open", upstream };
  upstream.leg.destroy();
  return undefined;
}

/** The way out on which the destination's own address is reached from here. */
const DIRECT = "direct";

interface Found {
  readonly target: Request;
  readonly facts: Facts;
  readonly address: string;
}

/** SECURITY: the destination is judged again as the address that it turned out to be; only a plain `allow` of the same target will do. */
async function admit({ ports }: Walk, { target, facts, address }: Found): Promise<boolean> {
  const { verdict } = await judgeFacts(target, withAddress(facts, address), ports);
  const { rewrite } = verdict;
  return verdict.outcome === "allow" && (rewrite === undefined || (rewrite.host === target.host && rewrite.port === target.port));
}

/** Every backend failed and nothing was sent: the direct way is judged and recorded like a new connection before it is taken. */
async function goDirect(walk: Walk, { verdict, target }: Allowed, failed: DialAnswer & { kind: "failed" }): Promise<WayOut> {
  const { journey, ports } = walk;
  const refusal = no(failed.code, failed.detail);
  const route = failed.sent === true || journey.leash.code !== undefined ? undefined : ports.lastResort(target, verdict);
  if (route === undefined) return refusal;
  const judged = await judge(target, ports, true);
  if (judged.verdict.outcome !== "allow" || judged.verdict.rewrite !== undefined) return refusal;
  journey.verdict = verdict.rewrite === undefined ? judged.verdict : { ...judged.verdict, rewrite: verdict.rewrite };
  journey.facts = judged.facts;
  const unrecorded = await record(walk);
  if (unrecorded !== undefined) return unrecorded;
  const dialled = await dial(walk, [route], target);
  if (dialled.kind === "open") return keepUnlessCut(walk, dialled.upstream);
  // Somebody ended it, or the direct way is the one that the proxy settings chose.
  if (journey.leash.code !== undefined || failed.code === "DIAL_DIRECT_WANTED") return no(dialled.code, dialled.detail);
  // What has to be mended is the way that was chosen; that an inner name does not exist outside would hide it.
  return no(failed.code, `${failed.detail}; then directly: ${dialled.detail}`);
}

/** The leash may have been pulled in the moment between two stages. */
function keepUnlessCut({ journey }: Walk, upstream: Upstream): WayOut {
  if (journey.leash.code === undefined) {
    journey.backend = upstream.backend;
    journey.address = formatAddress(upstream.remote);
    return { kind: "open", upstream };
  }
  upstream.leg.destroy();
  return no(journey.leash.code);
}
