import { isIP } from "node:net";
import type { Fact, FactValue, Request } from "../connection/index.ts";

/** What the words of a request mean as facts. `undefined`: not in the request, somebody must be asked. */
export type ReadRequest = (request: Request) => Fact | undefined;

const ABSENT: Fact = { kind: "absent" };

const known = (value: FactValue): Fact => ({ kind: "known", value });
const knownOrAbsent = (value: FactValue | undefined): Fact => (value === undefined ? ABSENT : known(value));
const knownOrAsk = (value: FactValue | undefined): Fact | undefined => (value === undefined ? undefined : known(value));

/** The groups `request` and `client` of the policy's vocabulary, as far as the request itself tells. */
export const requestFacts: ReadonlyMap<string, ReadRequest> = new Map<string, ReadRequest>([
  ["request.protocol", (request) => known(request.protocol)],
  ["request.listener", (request) => known(request.listener)],
  ["request.host", (request) => known(request.host)],
  ["request.port", (request) => known(request.port)],
  ["request.ip", (request) => (isIP(request.host) === 0 ? undefined : known(request.host))],
  ["request.sni", (request) => knownOrAbsent(request.sni)],
  ["request.tls", (request) => known(request.tls)],
  ["request.method", (request) => knownOrAbsent(request.method)],
  ["request.path", (request) => knownOrAbsent(request.path)],
  ["request.headers", (request) => knownOrAbsent(request.headers)],
  ["request.transport", (request) => known(request.transport)],
  ["client.uid", (request) => knownOrAsk(request.peer?.uid)],
  ["client.user", (request) => knownOrAsk(request.peer?.user)],
  ["client.exe", (request) => knownOrAsk(request.peer?.exe)],
  ["client.unit", (request) => knownOrAsk(request.peer?.unit)],
  ["client.cert.subject", ({ clientCertificate }) => knownOrAbsent(clientCertificate?.subject)],
  ["client.cert.issuer", ({ clientCertificate }) => knownOrAbsent(clientCertificate?.issuer)],
  ["client.cert.sans", ({ clientCertificate }) => knownOrAbsent(clientCertificate?.sans)],
  ["client.cert.fingerprint", ({ clientCertificate }) => knownOrAbsent(clientCertificate?.fingerprint)],
]);
