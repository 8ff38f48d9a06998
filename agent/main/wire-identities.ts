import type { X509Certificate } from "node:crypto";
import path from "node:path";
import type { Duplex } from "node:stream";
import { AgentError, type Clock, type Logger } from "../base/index.ts";
import { type Snapshot, trustIn } from "../config/index.ts";
import type { Alarm, FailureCode, HostKeyQuestionView, Questions } from "../contract/index.ts";
import { diagnoseTls, type OpenAgain, PersonWait, type Secure, type Secured } from "../dial/index.ts";
import {
  createIdentityCalls,
  type EnrolmentEvent,
  type EnrolmentPlan,
  Enrolments,
  forbidDumps,
  Identities,
  type IdentityCalls,
  type IdentityView,
  PinDesk,
  type SshIdentityKey,
  TlsFailed,
  type TlsIdentity,
  type TlsTarget,
} from "../identity/index.ts";

export interface IdentityRooms {
  readonly clock: Clock;
  readonly logger: Logger;
  /** What the person is asked is another now. */
  readonly onQuestions: () => void;
  readonly hostKeyQuestions: () => HostKeyQuestionView[];
  /** Somebody logs out, or takes a token out: sessions and spare connections of other keepers are forgotten too. */
  readonly onForget: () => void;
  /** For the record: certificates that came, or did not. */
  readonly onEnrolment: (event: EnrolmentEvent) => void;
  /** What is known of certificates has changed. */
  readonly onCertificates: () => void;
}

export interface WiredIdentities {
  readonly calls: IdentityCalls;
  /** What is waited for; never an answer. */
  questions(): Pick<Questions, "pins" | "touches">;
  /** Serve what a snapshot configures. */
  update(snapshot: Snapshot): void;
  /** All of them, as far as using them has shown. */
  views(): readonly IdentityView[];
  /** What using an identity has shown so far; undefined while it was not used. */
  view(name: string): IdentityView | undefined;
  /** What a person must know of certificates that were not renewed. */
  alarms(): readonly Alarm[];
  /** The key of the identity as it is configured when it is asked for, to log in at SSH servers. Rejects with AgentError. */
  sshKey(name: string): Promise<SshIdentityKey>;
  /** Asks the person for the passphrase of a key file that a backend names. */
  askPassphrase(backend: string, file: string, why: "needed" | "wrong"): Promise<Uint8Array | undefined>;
  /** TLS with the identity as it is configured when the connection is made. */
  secureWith(name: string, target: TlsTarget): Secure;
  /** Every server is met in full the next time; tokens stay logged in. */
  forgetSessions(): void;
  close(): Promise<void>;
}

/** Key stores, the questions that they ask, and the calls about them. They outlive every snapshot. */
export function wireIdentities(rooms: IdentityRooms): WiredIdentities {
  const { clock, logger, onQuestions, hostKeyQuestions, onForget } = rooms;
  const addonPath = path.resolve(import.meta.dirname, "../native/token-key.node");
  if (!forbidDumps(addonPath)) logger.debug("the memory of this process is not kept out of dumps", { addon: addonPath });
  const pins = new PinDesk({ clock, onChange: onQuestions });
  const identities = new Identities({
    clock,
    logger,
    askPin: pins.ask,
    announceTouch: pins.announceTouch,
    onGone: onForget,
    addonPath,
  });
  const enrolments = new Enrolments({
    clock,
    random: Math.random,
    logger,
    identities,
    diagnose,
    askPin: pins.ask,
    onEvent: rooms.onEnrolment,
    onChange: rooms.onCertificates,
  });
  return {
    calls: createIdentityCalls({ identities, enrolments, pins, hostKeyQuestions, diagnose, forgetSessions: onForget, clock }),
    questions: () => ({ pins: pins.questions(), touches: pins.touches() }),
    update: (snapshot) => {
      identities.update(snapshot.config.identities.map(({ enroll: _plan, ...source }) => source));
      enrolments.update(plansIn(snapshot));
    },
    alarms: () => enrolments.alarms(),
    views: () => identities.list(),
    view: (name) => identities.list().find((one) => one.name === name && one.state !== "configured"),
    sshKey: (name) => identities.sshKey(name),
    askPassphrase: (backend, file, why) => pins.ask({ identity: backend, token: file, why, tries: "unknown", isForOneUse: false }),
    secureWith: (name, target) => {
      const person = new PersonWait();
      const missing = (): AgentError => new AgentError("IDENTITY_KEY", `there is no identity \`${name}\``);
      const ready = (): Promise<void> => identities.get(name)?.ready(target) ?? Promise.reject(missing());
      const act = (socket: Duplex, reopen?: OpenAgain): Promise<Secured> => {
        const identity = identities.get(name);
        if (identity !== undefined) return secure(identity, socket, { ...target, person, ...(reopen === undefined ? {} : { reopen }) });
        socket.destroy();
        return Promise.reject(missing());
      };
      return Object.assign(act, { ready, person });
    },
    forgetSessions: () => identities.forgetSessions(),
    close: () => {
      enrolments.close();
      return identities.close();
    },
  };
}

/** The words of the TLS library become one of the named causes. */
async function secure(identity: TlsIdentity, socket: Parameters<Secure>[0], target: TlsTarget): ReturnType<Secure> {
  try {
    return await identity.connectTls(socket, target);
  } catch (cause) {
    if (cause instanceof AgentError) throw cause;
    const { code, detail } = diagnose(cause as Error, target.serverName);
    throw new AgentError(code, detail, { cause });
  }
}

function diagnose(cause: Error, serverName: string): { readonly code: FailureCode; readonly detail: string } {
  const peer: X509Certificate | undefined = cause instanceof TlsFailed ? cause.peer : undefined;
  return diagnoseTls(cause, { serverName, ...(peer === undefined ? {} : { peer }) });
}

/** Where certificates come from, with the authorities that the snapshot has read. */
function plansIn({ config, pem }: Snapshot): ReadonlyMap<string, EnrolmentPlan> {
  return new Map(
    config.identities.flatMap(({ name, enroll }) => {
      if (enroll === undefined) return [];
      const { ca: named, ...plan } = enroll;
      const { ca } = trustIn(
        { pins: [], pinPaths: [], uris: [], dangerouslySkipVerification: false, ...(named === undefined ? {} : { ca: named }) },
        pem,
      );
      return [[name, { ...plan, ...(ca === undefined ? {} : { ca }) }] as const];
    }),
  );
}
