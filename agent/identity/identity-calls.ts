import { randomBytes, type X509Certificate } from "node:crypto";
import { AgentError, type Clock } from "../base/index.ts";
import type { CallHandlers, HostKeyQuestionView, Token } from "../contract/index.ts";
import { readCertificate } from "./certificate-chain.ts";
import { usesOf } from "./identity-view.ts";
import type { Enrolments } from "./enrolment/enrolments.ts";
import type { Identities } from "./identities.ts";
import type { PinDesk } from "./pin-desk.ts";
import { formatPkcs11Uri } from "./pkcs11-uri.ts";
import { type DiagnoseTls, tellHandshake } from "./tell-handshake.ts";
import { formatPem } from "./token/certificate-request.ts";
import type { TokenContents } from "./token/messages.ts";

export type IdentityCalls = Pick<CallHandlers, Extract<keyof CallHandlers, `identity.${string}`>>;

export interface IdentityCallRooms {
  readonly identities: Identities;
  readonly enrolments: Pick<Enrolments, "obtain" | "views">;
  readonly pins: PinDesk;
  /** What else waits for the person: keys of servers, which another room asks about. */
  readonly hostKeyQuestions: () => HostKeyQuestionView[];
  readonly diagnose: DiagnoseTls;
  /** Sessions with servers that other rooms keep, with whatever identity. */
  readonly forgetSessions: () => void;
  readonly clock: Pick<Clock, "monotonic">;
}

/** The control calls about identities. */
export function createIdentityCalls({
  identities,
  enrolments,
  pins,
  hostKeyQuestions,
  diagnose,
  forgetSessions,
  clock,
}: IdentityCallRooms): IdentityCalls {
  return {
    "identity.list": () => identities.list(),
    "identity.show": ({ name }) => identities.show(name),
    "identity.tokens": async () => (await identities.tokens()).map(viewToken),
    "identity.test": async ({ name, host, port, serverName, ca }) => {
      const identity = identities.get(name);
      if (identity === undefined) throw new AgentError("CONTROL_NOT_FOUND", `there is no identity \`${name}\` in the configuration`);
      const view = await identities.show(name);
      const roots = ca === undefined ? {} : { ca: [ca] };
      const trial = { identity, view, host, port, serverName: serverName ?? host, ...roots };
      return tellHandshake({ ...trial, diagnose, monotonic: () => clock.monotonic() });
    },
    "identity.enroll": async ({ name, commonName, algorithm }) => {
      const { request, id } = await identities.desk(name).request({ algorithm, wanted: { commonName } });
      return { request: formatPem("CERTIFICATE REQUEST", request), ...(id === undefined ? {} : { id }) };
    },
    "identity.obtain": ({ name }) => enrolments.obtain(name, "enroll"),
    "identity.renew": ({ name }) => enrolments.obtain(name, "renew"),
    "identity.enrolments": () => enrolments.views(),
    "identity.import": ({ name, chain }) => identities.importChain(name, chain),
    "identity.attest": async ({ name, nonce, certify }) => {
      const certified =
        certify === undefined
          ? undefined
          : { contextPath: certify.context, ...(certify.auth === undefined ? {} : { authPath: certify.auth }) };
      return { evidence: await identities.attest(name, nonce ?? randomBytes(16).toString("hex"), certified) };
    },
    "identity.activate": async ({ challenge }) => {
      const [{ challengeSchema }, { answerChallenge }] = await Promise.all([
        import("../attestation/index.ts"),
        import("./attestation/tpm-evidence.ts"),
      ]);
      const read = challengeSchema.safeParse(challenge);
      if (!read.success) throw new AgentError("CONTROL_BAD_CALL", "this is no challenge that `portail identity attest --verify` makes");
      return { answer: await answerChallenge(read.data) };
    },
    "identity.forget": async () => {
      forgetSessions();
      await identities.forget();
      return {};
    },
    "identity.questions": () => ({ questions: pins.questions(), touches: pins.touches(), hostKeys: hostKeyQuestions() }),
    "identity.answer": ({ id, pin }) => {
      if (!pins.answer(id, pin === undefined ? undefined : new TextEncoder().encode(pin)))
        throw new AgentError("CONTROL_NOT_FOUND", "nobody waits for this answer any more");
      return {};
    },
  };
}

function viewToken({ label, serial, manufacturer, model, loggedIn, pin, mechanisms, keys, certificates }: TokenContents): Token {
  return {
    label,
    serial,
    manufacturer,
    model,
    loggedIn,
    pin,
    mechanisms,
    keys: keys.map((key) => ({
      id: key.id,
      label: key.label,
      type: key.type,
      uri: formatPkcs11Uri({ token: { label, serial }, key: { label: key.label, id: key.id } }),
    })),
    certificates: certificates.flatMap((one) => viewCertificate(one, readCertificate(one.der))),
  };
}

function viewCertificate(
  { id, label }: TokenContents["certificates"][number],
  certificate: X509Certificate | undefined,
): Token["certificates"] {
  if (certificate === undefined) return [];
  const { subject, issuer, validToDate } = certificate;
  const names = { subject: subject.replaceAll("\n", ", "), issuer: issuer.replaceAll("\n", ", ") };
  return [{ id, label, ...names, expiresAt: validToDate.getTime(), ...usesOf(certificate) }];
}
