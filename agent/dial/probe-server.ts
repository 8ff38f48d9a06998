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

export interface ProbedWay {
  readonly server: Server;
  readonly dialler: Dialler;
  /** A service behind the server that must be reached. */
  readonly target?: ProbeTarget | undefined;
  /** The first server on the way, this one included, at which a person may be asked for something. */
  readonly asking?: Server | undefined;
}

/**
 * The way to a server: the connection, TLS, and with a target a whole tunnel. SECURITY: nobody is asked for a PIN, a touch or a host key for
 * the sake of knowing: where a person may be, the connection alone is tried.
 */
export function createProbe({ server, dialler, target, asking }: ProbedWay): Probe {
  if (asking !== undefined) {
    const { secure: _secure, ...unsecured } = asking;
    return (options) => probeServer(unsecured, options);
  }
  return target === undefined ? (options) => probeServer(server, options) : (options) => probeTarget(dialler, target, options);
}

async function probeServer(server: Server, options: ProbeOptions): ReturnType<Probe> {
  const reached = await reachServer(server, () => Promise.resolve({ kind: "open" } as const), options);
  if (reached.kind === "failed") return reached;
  reached.leg.destroy();
  return reached.used;
}

async function probeTarget(dialler: Dialler, target: ProbeTarget, { backend, ...how }: ProbeOptions): ReturnType<Probe> {
  // The target was written by whoever configured the backend; the policy judges what programs ask for.
  const dialled: Dialled = await dialler.dial({ backend, ...target }, { ...how, admit: () => true });
  if (dialled.kind === "failed") return { ...dialled, isBackendDown: true };
  dialled.upstream.leg.destroy();
  return { kind: "open" };
}
