import type { Leash } from "../base/index.ts";
import type { Dialled, Dialler, DialFailure } from "./dialler.ts";
import { reachServer, type Server } from "./reach-server.ts";

export interface ProbeOptions {
  readonly backend: string;
  readonly connectMs: number;
  readonly leash: Leash;
}

/** Finds out whether a way out is open, and closes it again. Never rejects for anything that happens on the network. */
export type Probe = (options: ProbeOptions) => Promise<{ readonly kind: "open" } | DialFailure>;

export interface ProbeTarget {
  readonly host: string;
  readonly port: number;
}

/**
 * The way to a server: the connection, TLS, and with a target a whole tunnel. SECURITY: nobody is asked for a PIN or a touch for the sake of
 * knowing: where the key is one that somebody guards, the connection alone is tried.
 */
export function createProbe(server: Server, dialler: Dialler, target: ProbeTarget | undefined): Probe {
  const { secure, ...unsecured } = server;
  const isGuarded = secure?.ready !== undefined;
  if (target !== undefined && !isGuarded) return (options) => probeTarget(dialler, target, options);
  return async (options) => {
    const reached = await reachServer(isGuarded ? unsecured : server, () => Promise.resolve({ kind: "open" } as const), options);
    if (reached.kind === "failed") return reached;
    reached.leg.destroy();
    return reached.used;
  };
}

async function probeTarget(dialler: Dialler, target: ProbeTarget, { backend, ...how }: ProbeOptions): ReturnType<Probe> {
  // The target was written by whoever configured the backend; the policy judges what programs ask for.
  const dialled: Dialled = await dialler.dial({ backend, ...target }, { ...how, admit: () => true });
  if (dialled.kind === "failed") return { ...dialled, isBackendDown: true };
  dialled.upstream.leg.destroy();
  return { kind: "open" };
}
