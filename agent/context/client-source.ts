import type { Fact, Origin, Request } from "../connection/index.ts";
import type { KnownOwner, Owner, Program, SocketOwners, UserNames } from "../platform/index.ts";
import type { FactSource } from "./fact-source.ts";

const PENDING: Fact = { kind: "unknown", why: "the program was not looked up yet", source: "process", pending: true };

/** The program behind a connection on this machine, looked up when a rule or the screen wants it. */
export function createClientSource(owners: Pick<SocketOwners, "socketOwner" | "programOf">, users: Pick<UserNames, "nameOf">): FactSource {
  const ownerOf = async ({ origin, peer }: Request): Promise<Owner> => {
    if (origin.kind === "tcp") return owners.socketOwner(endsOf(origin));
    if (peer === undefined) return { kind: "unknown", why: "the listener did not say who connected" };
    return { kind: "known", uid: peer.uid, ...(peer.pid === undefined ? {} : { pid: peer.pid }) };
  };

  const fetchUser = async (owner: KnownOwner): Promise<Fact> => {
    const name = await users.nameOf(owner.uid);
    return name === undefined ? notFound(`uid ${owner.uid} has no name`) : found(name);
  };

  return {
    name: "process",
    provides: ["client.uid", "client.user", "client.exe", "client.unit"],
    read: () => PENDING,
    async fetch(wanted, request, signal) {
      const owner = await ownerOf(request);
      signal.throwIfAborted();
      // SECURITY: facts of one request never mix two owners of its socket.
      if (owner.kind === "known" && request.peer !== undefined && request.peer.uid !== owner.uid) {
        return new Map(wanted.map((attribute) => [attribute, notFound("the connection belongs to another user now")]));
      }
      if (owner.kind === "unknown") return new Map(wanted.map((attribute) => [attribute, notFound(owner.why)]));
      const facts = new Map<string, Fact>([["client.uid", found(owner.uid)]]);
      if (wanted.includes("client.user")) facts.set("client.user", await fetchUser(owner));
      if (wanted.includes("client.exe") || wanted.includes("client.unit")) {
        addProgram(facts, await owners.programOf(owner, signal));
      }
      return facts;
    },
  };
}

function addProgram(facts: Map<string, Fact>, program: Program): void {
  if (program.kind === "unknown") {
    facts.set("client.exe", notFound(program.why));
    facts.set("client.unit", notFound(program.why));
    return;
  }
  facts.set("client.exe", found(program.exe));
  facts.set("client.unit", program.unit === undefined ? { kind: "absent" } : found(program.unit));
}

function endsOf(origin: Extract<Origin, { kind: "tcp" }>) {
  return {
    local: { address: origin.localAddress, port: origin.localPort },
    remote: { address: origin.address, port: origin.port },
  };
}

function found(value: string | number): Fact {
  return { kind: "known", value, source: "process" };
}

function notFound(why: string): Fact {
  return { kind: "unknown", why, source: "process" };
}
