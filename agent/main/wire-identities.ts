import type { X509Certificate } from "node:crypto";
import path from "node:path";
import type { Duplex } from "node:stream";
import { AgentError, type Clock, type Logger } from "../base/index.ts";
import type { Snapshot } from "../config/index.ts";
import type { FailureCode, HostKeyQuestionView, Questions } from "../contract/index.ts";
import { diagnoseTls, type OpenAgain, PersonWait, type Secure, type Secured } from "../dial/index.ts";
import {
  createIdentityCalls,
  forbidDumps,
  Identities,
  type IdentityCalls,
  type IdentityView,
  PinDesk,
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
  /** Somebody logs out: sessions of other keepers are forgotten too. */
  readonly onForget: () => void;
}

export interface WiredIdentities {
  readonly calls: IdentityCalls;
  /** What is waited for; never an answer. */
  questions(): Pick<Questions, "pins" | "touches">;
  /** Serve what a snapshot configures. */
  update(snapshot: Snapshot): void;
  /** What using an identity has shown so far; undefined while it was not used. */
  view(name: string): IdentityView | undefined;
  /** TLS with the identity as it is configured when the connection is made. */
  secureWith(name: string, target: TlsTarget): Secure;
  /** Every server is met in full the next time; tokens stay logged in. */
  forgetSessions(): void;
  close(): Promise<void>;
}

/** Key stores, the questions that they ask, and the calls about them. They outlive every snapshot. */
export function wireIdentities({ clock, logger, onQuestions, hostKeyQuestions, onForget }: IdentityRooms): WiredIdentities {
  const addonPath = path.resolve(import.meta.dirname, "../native/token-key.node");
  if (!forbidDumps(addonPath)) logger.debug("the memory of this process is not kept out of dumps", { addon: addonPath });
  const pins = new PinDesk({ clock, onChange: onQuestions });
  const identities = new Identities({
    clock,
    logger,
    askPin: pins.ask,
    announceTouch: pins.announceTouch,
    addonPath,
  });
  return {
    calls: createIdentityCalls({ identities, pins, hostKeyQuestions, diagnose, forgetSessions: onForget, clock }),
    questions: () => ({ pins: pins.questions(), touches: pins.touches() }),
    update: ({ config }) => identities.update(config.identities),
    view: (name) => identities.list().find((one) => one.name === name && one.state !== "configured"),
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
    close: () => identities.close(),
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
