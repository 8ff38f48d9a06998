import { AgentError, type Cancel, type Clock, formatCause, formatInstant, type Logger } from "../../base/index.ts";
import { type Alarm, type EnrolmentView, failures as words, type HandshakeStory } from "../../contract/index.ts";
import type { AskPin } from "../person.ts";
import type { DiagnoseTls } from "../tell-handshake.ts";
import type { TlsIdentity } from "../tls/tls-identity.ts";
import type { CertificateDesk } from "./certificate-desk.ts";
import { obtainCertificate } from "./enrolment.ts";
import { canEnrollAlone, type EnrolmentPlan } from "./enrolment-plan.ts";
import { pauseAfter, renewalTime } from "./renewal-time.ts";

/** What enrolment needs of the identities. */
export interface EnrolledIdentities {
  get(name: string): TlsIdentity | undefined;
  desk(name: string): CertificateDesk;
  /** Its certificate is another now. */
  renewed(name: string): void;
}

export interface EnrolmentEvent {
  readonly name: "certificate_enrolled" | "certificate_renewed" | "certificate_not_renewed";
  readonly detail: Readonly<Record<string, string | number>>;
}

export interface EnrolmentsOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly identities: EnrolledIdentities;
  readonly diagnose: DiagnoseTls;
  readonly askPin: AskPin;
  /** For the record. */
  readonly onEvent: (event: EnrolmentEvent) => void;
  /** What the views or alarms tell has changed. */
  readonly onChange: () => void;
}

interface Enrolment {
  readonly name: string;
  readonly plan: EnrolmentPlan;
  readonly spread: number;
  steps: HandshakeStory["steps"];
  running?: Promise<HandshakeStory>;
  stopTimer?: Cancel;
  failures: number;
  failedAt?: number;
  problem?: AgentError;
  notAfter?: number;
  renewAt?: number;
}

/** The state of certificates is looked at again this often at most: files are replaced by others, and clocks jump. */
const lookMs = 10 * 60_000;

/** Certificates that come from an endpoint: asked for when somebody says so, renewed before they end. */
export class Enrolments {
  readonly #options: EnrolmentsOptions;
  #enrolments = new Map<string, Enrolment>();
  readonly #closed = new AbortController();

  constructor(options: EnrolmentsOptions) {
    this.#options = options;
  }

  /** Serve these from now on. What runs goes on to its end. */
  update(plans: ReadonlyMap<string, EnrolmentPlan>): void {
    const before = this.#enrolments;
    this.#enrolments = new Map(
      [...plans].map(([name, plan]) => {
        const known = before.get(name);
        const isSame = known !== undefined && JSON.stringify(known.plan) === JSON.stringify(plan);
        return [name, isSame ? known : { name, plan, spread: this.#options.random(), steps: [], failures: 0 }];
      }),
    );
    for (const [name, one] of before) if (this.#enrolments.get(name) !== one) one.stopTimer?.();
    for (const one of this.#enrolments.values()) if (one.stopTimer === undefined) this.#lookAfter(one, 0);
  }

  has(name: string): boolean {
    return this.#enrolments.has(name);
  }

  /** Asks for a certificate, or waits for who asks already. Rejects with AgentError for a name that is not enrolled for; else a story. */
  obtain(name: string, how: "enroll" | "renew"): Promise<HandshakeStory> {
    const one = this.#enrolments.get(name);
    if (one === undefined)
      throw new AgentError("CONTROL_NOT_FOUND", `identity \`${name}\` has no \`enroll\` in the configuration: there is nobody to ask`);
    one.running ??= this.#obtain(one, how).finally(() => {
      delete one.running;
      this.#options.onChange();
    });
    return one.running;
  }

  views(): EnrolmentView[] {
    return [...this.#enrolments.values()].map(({ name, plan, running, steps, problem, renewAt, notAfter }) => ({
      name,
      kind: plan.by.kind,
      url: plan.url,
      state: running !== undefined ? "running" : problem !== undefined ? "failing" : notAfter === undefined ? "absent" : "valid",
      steps: [...steps],
      ...(notAfter === undefined ? {} : { expiresAt: notAfter }),
      ...(renewAt === undefined ? {} : { renewAt }),
      ...(problem === undefined ? {} : { problem: problem.detail, code: problem.code }),
    }));
  }

  /** A renewal that fails is told while the certificate still works. */
  alarms(): Alarm[] {
    return [...this.#enrolments.values()].flatMap(({ name, problem, failedAt, notAfter }) => {
      if (problem === undefined || failedAt === undefined || notAfter === undefined) return [];
      const when = formatInstant(notAfter);
      return [
        { code: "TLS_EXPIRES_SOON", detail: `identity ${name} ends ${when} and was not renewed: ${problem.detail}`, since: failedAt },
      ];
    });
  }

  close(): void {
    this.#closed.abort(new Error("the agent stops"));
    for (const { stopTimer } of this.#enrolments.values()) stopTimer?.();
  }

  async #obtain(one: Enrolment, how: "enroll" | "renew"): Promise<HandshakeStory> {
    const { clock, identities, onChange, onEvent } = this.#options;
    const { name, plan } = one;
    one.steps = [];
    const tell = (says: string): void => {
      one.steps = [...one.steps, { ok: true, says }];
      onChange();
    };
    try {
      // What speaks with authorities is loaded with the first question: most agents ask a few times a year, or never.
      const { createAuthority } = await import("./create-authority.ts");
      const leaf = await obtainCertificate(how, {
        name,
        plan,
        authority: createAuthority(name, plan, this.#options),
        desk: identities.desk(name),
        current: identities.get(name),
        installed: () => identities.renewed(name),
        tell,
        now: () => clock.now(),
        signal: this.#closed.signal,
      });
      one.failures = 0;
      delete one.problem;
      delete one.failedAt;
      const detail = { identity: name, serial: leaf.serialNumber, until: formatInstant(leaf.validToDate.getTime()) };
      onEvent({ name: how === "enroll" ? "certificate_enrolled" : "certificate_renewed", detail });
      this.#lookAfter(one, 0);
      return { ok: true, steps: one.steps };
    } catch (cause) {
      return this.#failed(one, cause);
    }
  }

  #failed(one: Enrolment, cause: unknown): HandshakeStory {
    const { clock, logger, onEvent } = this.#options;
    const problem = cause instanceof AgentError ? cause : new AgentError("INTERNAL", formatCause(cause), { cause });
    const { sentence, remedy } = words[problem.code];
    one.steps = [...one.steps, { ok: false, says: `${sentence} ${problem.detail}. ${remedy}`, code: problem.code }];
    one.failures += 1;
    one.problem = problem;
    one.failedAt ??= clock.now();
    logger.warn("no certificate was obtained", { identity: one.name, code: problem.code, detail: problem.detail, failures: one.failures });
    onEvent({ name: "certificate_not_renewed", detail: { identity: one.name, code: problem.code, failures: one.failures } });
    return { ok: false, steps: one.steps };
  }

  #lookAfter(one: Enrolment, ms: number): void {
    one.stopTimer?.();
    one.stopTimer = this.#options.clock.after(ms, () => {
      void this.#look(one).then((next) => {
        if (!this.#closed.signal.aborted && this.#enrolments.get(one.name) === one) this.#lookAfter(one, Math.min(next, lookMs));
      });
    });
  }

  /** Renews when it is time. Answers when to look again, in ms. */
  async #look(one: Enrolment): Promise<number> {
    const { clock, identities, onChange } = this.#options;
    const leaf = await identities
      .desk(one.name)
      .current()
      .catch(() => undefined);
    // A reload may have come in between.
    if (leaf === undefined || this.#enrolments.get(one.name) !== one) return lookMs;
    const hadRenewAt = one.renewAt;
    one.notAfter = leaf.validToDate.getTime();
    one.renewAt = renewalTime(leaf, { renewBeforeMs: one.plan.renewBeforeMs, random: one.spread });
    if (hadRenewAt !== one.renewAt) onChange();
    const wait = one.renewAt - clock.now();
    if (wait > 0 || one.running !== undefined) return Math.max(wait, 1000);
    const hasExpired = one.notAfter <= clock.now();
    // Who has expired is not let in by its certificate any more.
    const { ok } = await this.obtain(one.name, hasExpired && canEnrollAlone(one.plan) ? "enroll" : "renew");
    return ok ? 0 : pauseAfter(one.failures, { random: this.#options.random(), leftMs: one.notAfter - clock.now() });
  }
}
