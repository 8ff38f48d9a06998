import type { ReactNode } from "react";
import type { Status } from "../../../agent/contract/index.ts";
import { endsSoon, FactList, stateOf } from "../../pieces/index.ts";
import { formatPlace, useNow } from "../../store/index.ts";
import { failureText, formatPrintable, useText } from "../../text/index.ts";
import { CopyButton } from "../../ui/index.ts";

const shownDigits = 12;

function Card({
  id,
  title,
  link,
  children,
}: {
  readonly id: string;
  readonly title: string;
  readonly link?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <section className="panel" aria-labelledby={id}>
      <div className="panel-head">
        <h2 id={id} className="grow">
          {title}
        </h2>
        {link}
      </div>
      <div className="panel-body">{children}</div>
    </section>
  );
}

export function PolicyCard({ policy }: { readonly policy: Status["policy"] }) {
  const { t, f } = useText();
  const now = useNow();
  const words = t.status.policy;
  return (
    <Card id="policy-title" title={words.title} link={<a href={formatPlace({ screen: "policy", details: {} })}>{words.open}</a>}>
      <div className="stack-small">
        <p className="wrap-anywhere">
          {policy.source === "built-in" ? words.builtIn : <span className="code">{formatPrintable(policy.source)}</span>}
        </p>
        <p className="quiet">
          {words.rules(f.count(policy.rules))} · {words.loaded(f.age(now - policy.loadedAt))}
        </p>
        <p className="digest">
          <span className="hidden-text">{words.digest}: </span>
          <span className="code" title={words.digest}>
            {policy.digest.slice(0, shownDigits)}…
          </span>
          <CopyButton text={policy.digest} label={t.common.copyThing(words.digest)} done={t.common.copied} />
        </p>
      </div>
    </Card>
  );
}

/** Keys in short: does each work, and for how long. All about them stands on their own screen. */
export function IdentityCard({ identities }: { readonly identities: Status["identities"] }) {
  const { t } = useText();
  const now = useNow();
  const words = t.status.identities;
  return (
    <Card id="identities-title" title={words.title} link={<a href={formatPlace({ screen: "identities", details: {} })}>{words.open}</a>}>
      <ul className="plain-rows">
        {identities.map((identity) => (
          <IdentityRow key={identity.name} identity={identity} now={now} />
        ))}
      </ul>
    </Card>
  );
}

function IdentityRow({ identity, now }: { readonly identity: Status["identities"][number]; readonly now: number }) {
  const { t, f } = useText();
  const { tone, says } = stateOf(identity, now);
  const { expiresAt, subject, kind, code } = identity;
  const isSoon = expiresAt !== undefined && endsSoon(expiresAt, now);
  return (
    <li className="plain-row identity-row">
      <strong className="ellipsis">{formatPrintable(identity.name)}</strong>
      <span className={`lamp-word tone-${tone}`}>
        <span className="lamp" aria-hidden="true" />
        {t.identities.states[says]}
      </span>
      <span className="plain-row-note quiet wrap-anywhere">
        {code === undefined ? formatPrintable(subject ?? t.identities.kinds[kind] ?? kind) : failureText(code).sentence}
        {expiresAt === undefined || expiresAt <= now ? null : (
          <span className={isSoon ? "ends-soon" : undefined}> · {t.status.identities.ends(f.away(expiresAt - now))}</span>
        )}
      </span>
    </li>
  );
}

export function AgentCard({ status }: { readonly status: Status }) {
  const { t, f } = useText();
  const words = t.status.agent;
  const facts: readonly (readonly [string, string])[] = [
    [words.version, `${status.version} · ${words.pid} ${status.pid}`],
    [words.memory, f.bytes(status.memoryBytes)],
    [words.config, status.configPath ?? words.builtIn],
    [words.stateDir, status.stateDir],
  ];
  return (
    <Card id="agent-title" title={words.title}>
      <FactList facts={facts.map(([name, value]) => [name, formatPrintable(value)])} />
    </Card>
  );
}
