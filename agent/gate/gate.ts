import type { Clock } from "../base/index.ts";
import type { Origin, Peer, Request } from "../connection/index.ts";
import type { FailureCode } from "../contract/index.ts";
import type { KnownOwner, Owner, SocketOwners, UserNames } from "../platform/index.ts";
import type { AllowedUsers } from "./allowed-users.ts";
import { createBudget } from "./budget.ts";

export interface GateOptions {
  readonly owners: SocketOwners;
  readonly users: UserNames;
  /** The agent's own user; `undefined` where the system has no user ids, and then nobody is `self`. */
  readonly uid: number | undefined;
  readonly clock: Clock;
}

/** Who opened a connection, or why it is not served. `anyone`: everybody is let in, and nobody was looked for. */
export type Admitted =
  | { readonly kind: "peer"; readonly peer: Peer }
  | { readonly kind: "anyone" }
  | { readonly kind: "refused"; readonly code: FailureCode; readonly detail: string; readonly peer?: Peer };

export interface Gate {
  /** The gate of one listener. SECURITY: what cannot be found out is refused. */
  gateOf(users: AllowedUsers): (origin: Origin, fd: number) => Admitted | Promise<Admitted>;
  /** Find the program behind a request in the background, as far as the budget allows; {@link peerOf} tells it later. */
  lookFor(request: Request): void;
  /** Resolves when looking is over, or after a moment. */
  settled(request: Request): Promise<void>;
  /** Everything that was found out by now. */
  peerOf(request: Request): Peer | undefined;
}

/** A refusal waits no longer than this for the name of its program. */
const momentMs = 50;

/** Looking for a program costs about 0.1 ms: so many at once, so many a second, and a flood of connections goes without. */
const lookups = { burst: 64, perSecond: 100 } as const;

export function createGate({ owners, users, uid, clock }: GateOptions): Gate {
  const ownerOfPeer = new WeakMap<Peer, KnownOwner>();
  const found = new WeakMap<Request, Peer>();
  const looking = new WeakMap<Request, Promise<void>>();
  const budget = createBudget(lookups, clock);

  function ownerOf(origin: Origin, fd: number): Owner | Promise<Owner> {
    if (origin.kind === "unix") return owners.peerOfUnixSocket(fd);
    return owners.socketOwner({
      local: { address: origin.localAddress, port: origin.localPort },
      remote: { address: origin.address, port: origin.port },
    });
  }

  /** Without a promise where the system answers at once: this is on the way of every connection. */
  function admit(allowed: AllowedUsers, origin: Origin, fd: number): Admitted | Promise<Admitted> {
    const owner = ownerOf(origin, fd);
    return owner instanceof Promise ? owner.then((found) => admitOwner(allowed, found)) : admitOwner(allowed, owner);
  }

  function admitOwner(allowed: AllowedUsers, owner: Owner): Admitted | Promise<Admitted> {
    if (owner.kind === "unknown") return { kind: "refused", code: "ACCEPT_UNKNOWN_USER", detail: owner.why };
    const peer: Peer = owner.pid === undefined ? { uid: owner.uid } : { uid: owner.uid, pid: owner.pid };
    ownerOfPeer.set(peer, owner);
    if (allowed.kind === "named") return isNamed(allowed.names, peer.uid).then((named) => admitted(named, peer));
    return admitted(allowed.kind === "any" || peer.uid === uid, peer);
  }

  async function isNamed(names: readonly string[], asking: number): Promise<boolean> {
    for (const name of names) if ((await users.uidOf(name)) === asking) return true;
    return false;
  }

  async function find(request: Request, peer: Peer, owner: KnownOwner): Promise<void> {
    const [user, program] = await Promise.all([users.nameOf(peer.uid), owners.programOf(owner)]);
    found.set(request, {
      ...peer,
      ...(user === undefined ? {} : { user }),
      ...(program.kind === "known"
        ? { pid: program.pid, exe: program.exe, ...(program.unit === undefined ? {} : { unit: program.unit }) }
        : {}),
    });
  }

  return {
    gateOf: (allowed) => (allowed.kind === "any" ? () => ({ kind: "anyone" }) : (origin, fd) => admit(allowed, origin, fd)),
    lookFor(request) {
      const { peer } = request;
      const owner = peer === undefined ? undefined : ownerOfPeer.get(peer);
      if (peer === undefined || owner === undefined || !budget.take()) return;
      looking.set(request, find(request, peer, owner).catch(ignoreGoneProgram));
    },
    settled: (request) => {
      const { promise: moment, resolve } = Promise.withResolvers<undefined>();
      const cancel = clock.after(momentMs, () => resolve(undefined));
      return Promise.race([looking.get(request) ?? Promise.resolve(), moment]).finally(cancel);
    },
    peerOf: (request) => found.get(request) ?? request.peer,
  };
}

function admitted(isAllowed: boolean, peer: Peer): Admitted {
  if (isAllowed) return { kind: "peer", peer };
  return { kind: "refused", code: "ACCEPT_OTHER_USER", detail: `user ${peer.uid} is not among this listener's users`, peer };
}

/** The program may have ended before it was found; then its connection has ended, too. */
function ignoreGoneProgram(): void {}
