import type { AuditQuery, CallParsed, Change, Status } from "../../../agent/contract/index.ts";
import { type AgentCallName, BridgeError } from "../../../app/bridge/index.ts";
import type { ScreenClock } from "../screen-clock.ts";
import { fakeRecords, queryRecords } from "./fake-audit.ts";
import { fakePolicyView, fakeReport, fakeWhatIf } from "./fake-check.ts";
import { explanationOfConnection, explanationOfRequest } from "./fake-explanation.ts";
import { fakeEnrolment, fakeHandshake, type FakeIdentities } from "./fake-identities.ts";
import { fakeDigest } from "./fake-policy.ts";
import type { FakeWorld } from "./fake-world.ts";
import type { FakePage } from "./scenarios.ts";

export interface FakeAgent {
  readonly page: FakePage;
  readonly world: FakeWorld;
  readonly identities: FakeIdentities;
  readonly clock: ScreenClock;
  readonly startedAt: number;
  readonly status: () => Status;
  readonly send: (changes: Change[]) => void;
}

type Answers = { readonly [N in AgentCallName]: (input: CallParsed<N>) => unknown };

/** The agent's side of the table, on the fake world. */
export function answerAsAgent(fake: FakeAgent): (call: AgentCallName, input: unknown) => Promise<unknown> {
  const { world, clock, page } = fake;
  const newest = () => [...world.connections.values()].sort((a, b) => b.startedAt - a.startedAt);
  const answers: Answers = {
    "status.get": fake.status,
    "connections.list": ({ limit }) => newest().slice(0, limit),
    "connections.close": ({ id }) => done(fake, world.close(id, clock.now())),
    "connections.explain": ({ id }) => {
      const connection = newest().find((one) => one.id === id || one.incident === id);
      if (connection === undefined) throw new BridgeError({ code: "CONTROL_NOT_FOUND", detail: `no connection or incident ${id}` });
      return explanationOfConnection(connection);
    },
    explain: ({ host, port, attributes }) => explanationOfRequest(host, port, attributes),
    "policy.get": () => fakePolicyView(fake.startedAt + 40, newest(), page.scenario === "refused-policy"),
    "policy.check": ({ text }) => fakeReport(text),
    "policy.whatif": ({ text, limit }) => fakeWhatIf(text, newest(), limit),
    "holds.list": () => [...world.holds.values()],
    "holds.resolve": ({ id, action }) => done(fake, world.resolve(id, action, clock.now())),
    "audit.query": (query) => queryRecords(fakeRecords(newest(), fake.startedAt), query as AuditQuery),
    "audit.verify": () => verification(fake, newest()),
    "config.get": () => ({ path: "/home/nadia/.config/portail/portail.yaml", text: configText }),
    "config.reload": () => ({ applied: true, policyDigest: fakeDigest, problems: [], changes: ["backends.lyon: address changed"] }),
    ...identityAnswers(fake),
  };
  return async (call, input) => {
    if (page.scenario === "failing") throw new BridgeError({ code: "INTERNAL", detail: "the fake was asked to fail", incident: "7F3K" });
    const answer = answers[call] as (value: unknown) => unknown;
    return answer(input);
  };
}

type IdentityAnswers = Pick<Answers, Extract<AgentCallName, `identity.${string}` | `hostkeys.${string}`>>;

function identityAnswers(fake: FakeAgent): IdentityAnswers {
  const { identities } = fake;
  const show = (name: string) => {
    const found = identities.list().find((one) => one.name === name);
    if (found === undefined) throw new BridgeError({ code: "CONTROL_NOT_FOUND", detail: `there is no identity \`${name}\`` });
    return found;
  };
  const answer = (id: string) => done(fake, identities.answer(id) ?? []);
  return {
    "identity.list": () => identities.list(),
    "identity.tokens": () => identities.tokens(),
    "identity.show": ({ name }) => show(name),
    "identity.test": ({ host, port }) => fakeHandshake(host, port),
    "identity.enroll": () => ({ id: "5d1f0a9be2c37784", request: fakeRequest }),
    "identity.import": ({ name }) => show(name),
    "identity.obtain": () => fakeEnrolment,
    "identity.renew": () => fakeEnrolment,
    "identity.enrolments": () => identities.enrolments(),
    "identity.forget": () => ({}),
    "identity.answer": ({ id }) => answer(id),
    "hostkeys.answer": ({ id }) => answer(id),
    "hostkeys.list": () => [
      {
        address: "git.meridian.example:22",
        algorithm: "ssh-ed25519",
        fingerprint: "SHA256:Hm3oU0hZkq2pQm1bYcB5T0x8v9n4w7sEJ2rLdK6fGaI",
      },
    ],
    "hostkeys.forget": () => ({ forgotten: 0 }),
  };
}

const fakeRequest = `-----BEGIN CERTIFICATE REQUEST-----
MIHNMHYCAQAwFDESMBAGA1UEAwwJbGFwdG9wLTE3MFkwEwYHKoZIzj0CAQYIKoZI
zj0DAQcDQgAEb2FwDZtGd2qVnqqg1Q0QmQ3mQ2xFvJ8m5Qy1b7p0a4bQW3o9hT1u
-----END CERTIFICATE REQUEST-----
`;

function done(fake: FakeAgent, changes: Change[]): object {
  if (changes.length === 0) throw new BridgeError({ code: "CONTROL_NOT_FOUND", detail: "it has ended already" });
  fake.send(changes);
  return {};
}

function verification(fake: FakeAgent, connections: Parameters<typeof fakeRecords>[0]) {
  const records = fakeRecords(connections, fake.startedAt);
  const last = records.at(-1);
  if (fake.page.scenario === "alarm") {
    return { ok: false, records: records.length, first: 1, problem: { seq: 12, message: "record 12 does not match its digest" } };
  }
  return { ok: true, records: records.length, first: 1, last: last?.seq ?? 0, head: last?.hash ?? "" };
}

const configText = `listeners:
  local: { kind: proxy, listen: [127.0.0.1:1080, "[::1]:1080"], users: self }
  orders-db: { kind: persona, listen: 127.0.0.1:5432, target: orders.db.meridian.example:5432, protocol: postgres }
backends:
  paris: { kind: socks5, address: gw-par.meridian.example:1080, tls: { identity: laptop } }
  lyon: { kind: http2, address: gw-lyo.meridian.example:443, tls: { identity: laptop } }
identities:
  laptop: { kind: pkcs11, uri: "pkcs11:token=portail;object=device;type=private" }
policy: /etc/portail/policy.portail
`;
