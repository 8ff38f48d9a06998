import { AgentError } from "../base/index.ts";
import type { Fact, Facts, Passage, Protocol, Request } from "../connection/index.ts";
import type { AuditRecord, CallParsed, Explanation } from "../contract/index.ts";
import { canonicalHost, explain, loadPolicy, parseAttributeValue, type Policy, revealsTo } from "../policy/index.ts";
import type { CallRooms } from "./handlers.ts";
import type { Judged } from "./memory.ts";
import { explanationOfRecord } from "./recorded-explanation.ts";
import { endOfPassage, endOfRecord, type ToldEnd, withEnd } from "./with-end.ts";

const protocols: readonly Protocol[] = ["socks5", "http", "h2", "h3", "persona", "transparent", "gateway"];

/** The story of a living or remembered connection, by its id or its incident; for older ones, what the record says. */
export async function explainConnection(rooms: CallRooms, id: string): Promise<Explanation> {
  const passage = rooms.live.find(id) ?? rooms.live.find(spelledOut(id));
  const judged = passage === undefined ? undefined : rooms.memory.find(passage.request);
  if (passage !== undefined && judged !== undefined) return withEnd(explainPassage(passage, judged), endOfPassage(passage));
  const record = (await findVerdict(rooms, id)) ?? (await findTurnedAway(rooms, id));
  if (record === undefined) throw new AgentError("CONTROL_NOT_FOUND", `no connection and no incident is known as ${id}`);
  return withEnd(explanationOfRecord(record), await findEnd(rooms, record));
}

function explainPassage(passage: Passage, { policy, facts, options }: Judged): Explanation {
  return explain(policy, facts, { ...options, incident: passage.incident, ...audienceFor(policy) });
}

/** People write an incident down as they heard it: in small letters, with a dash. */
function spelledOut(id: string): string {
  return id.replaceAll(/[-\s]/g, "").toUpperCase();
}

async function findVerdict(rooms: CallRooms, id: string): Promise<AuditRecord | undefined> {
  for (const by of [{ incident: spelledOut(id) }, { connection: id }]) {
    const { records } = await rooms.audit.query({ ...by, kind: "verdict", limit: 1, order: "desc" });
    if (records[0] !== undefined) return records[0];
  }
  return undefined;
}

async function findEnd({ audit }: CallRooms, { connection }: AuditRecord): Promise<ToldEnd | undefined> {
  if (connection === undefined) return undefined;
  const { records } = await audit.query({ connection, kind: "end", limit: 1, order: "desc" });
  return records[0] && endOfRecord(records[0]);
}

/** Somebody who was turned away before there was a request to decide about. */
async function findTurnedAway({ audit }: CallRooms, incident: string): Promise<AuditRecord | undefined> {
  const { records } = await audit.query({ incident: spelledOut(incident), kind: "event", limit: 1 });
  return records[0];
}

/**
 * The decision for a request that nobody made. What is given counts; `time.*` and the like come from this machine; the rest is unknown.
 * A policy text that comes with the question is the asker's own, so its whole story is told.
 */
export function explainHypothesis(rooms: CallRooms, input: CallParsed<"explain">): Explanation {
  const policy = input.policy === undefined ? rooms.policy().current : loadAsked(rooms, input.policy);
  const request = hypotheticalRequest(rooms, input);
  const facts = overlay(parseGiven(policy, input.attributes), rooms.gather(request));
  return explain(policy, facts, input.policy === undefined ? audienceFor(policy) : {});
}

/**
 * SECURITY: a policy that says what the person may see is obeyed on this channel too. One that says nothing can be read by the person
 * anyway (`policy.get`), so the whole story is told.
 */
function audienceFor(policy: Policy): { readonly audience?: "user" } {
  return revealsTo(policy, "user") ? { audience: "user" } : {};
}

function loadAsked(rooms: CallRooms, text: string): Policy {
  const { policy, problems } = loadPolicy(text, { file: "policy.portail", hash: rooms.hash, readSet: rooms.readSet });
  if (policy !== undefined) return policy;
  const first = problems.find(({ severity }) => severity === "error");
  throw new AgentError(
    "POLICY_INVALID",
    first === undefined ? "the policy does not load" : `${first.line}:${first.column}: ${first.message}`,
  );
}

function hypotheticalRequest(rooms: CallRooms, { host, port, protocol }: CallParsed<"explain">): Request {
  const canonical = canonicalHost(host);
  const asked = protocols.find((known) => known === protocol);
  if (canonical === undefined) throw new AgentError("REQUEST_HOST", `${JSON.stringify(host)} is no host name and no address`);
  if (asked === undefined) throw new AgentError("CONTROL_BAD_CALL", `the protocol must be one of ${protocols.join(", ")}`);
  return {
    id: "hypothetical",
    listener: "local",
    protocol: asked,
    transport: "tcp",
    host: canonical.value,
    port,
    tls: port === 443,
    origin: { kind: "unix", path: "hypothetical" },
    receivedAt: rooms.now(),
  };
}

function parseGiven(policy: Policy, attributes: Readonly<Record<string, string>>): ReadonlyMap<string, Fact> {
  const given = new Map<string, Fact>();
  for (const [attribute, text] of Object.entries(attributes)) {
    const parsed = parseAttributeValue(policy, attribute, text);
    if ("problem" in parsed) throw new AgentError("CONTROL_BAD_CALL", `${attribute}=${text}: ${parsed.problem}`);
    given.set(attribute, parsed.fact);
  }
  return given;
}

/** There is nobody to look up for a request that nobody made. */
const NOT_GIVEN: Fact = { kind: "unknown", why: "not given" };

function overlay(given: ReadonlyMap<string, Fact>, rest: Facts): Facts {
  const readRest = (attribute: string): Fact => {
    const fact = rest.read(attribute);
    return fact.kind === "unknown" && fact.pending === true ? NOT_GIVEN : fact;
  };
  return { read: (attribute) => given.get(attribute) ?? readRest(attribute) };
}
