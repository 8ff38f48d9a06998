import type { ReactNode } from "react";
import type { BackendStatus, IdentityDetails } from "../../../agent/contract/index.ts";
import { type Fact, FactList } from "../../pieces/index.ts";
import { formatPlace, useAgent, useNow } from "../../store/index.ts";
import { type Format, formatPrintable, useText } from "../../text/index.ts";

/** What the certificate says, as far as it is known, and what it is used for here. */
export function IdentityFacts({ identity }: { readonly identity: IdentityDetails }) {
  const { t, f } = useText();
  const now = useNow(60_000);
  const words = t.identities;
  const backends = useAgent((state) => state.status?.backends) ?? [];
  const [leaf] = identity.chain ?? [];
  const facts: readonly Fact[] = [
    [words.facts.subject, identity.subject && formatPrintable(identity.subject)],
    [words.facts.names, leaf?.names && formatPrintable(leaf.names)],
    [words.facts.issuer, identity.issuer && formatPrintable(identity.issuer)],
    [words.facts.expires, identity.expiresAt && until(identity.expiresAt, now, f)],
    [words.facts.key, identity.key && keyWord(identity.key)],
    [words.facts.uses, leaf && (leaf.uses === undefined ? words.anyUse : leaf.uses.map(formatPrintable).join(", "))],
    [words.facts.usedBy, <UsedBy key="usedBy" backends={backends.filter((one) => one.identity === identity.name)} />],
  ];
  return (
    <div className="stack">
      <FactList facts={facts} />
      {identity.chain === undefined ? null : <Chain chain={identity.chain} />}
      {identity.subject === undefined && identity.state === "configured" ? <p className="quiet">{words.closed}</p> : null}
    </div>
  );
}

function until(expiresAt: number, now: number, f: Format): ReactNode {
  return (
    <>
      {f.day(expiresAt)} <span className="quiet">· {f.away(expiresAt - now)}</span>
    </>
  );
}

const curves: Readonly<Record<string, string>> = { prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" };

/** `ec prime256v1` as people say it: `EC P-256`. */
function keyWord(key: string): string {
  const [type = "", detail = ""] = key.split(" ");
  return formatPrintable([type.toUpperCase(), curves[detail] ?? detail].filter((word) => word !== "").join(" "));
}

const toneOfHealth = { healthy: "allow", unknown: "none", failing: "deny" } as const;

function UsedBy({ backends }: { readonly backends: readonly BackendStatus[] }) {
  const { t } = useText();
  if (backends.length === 0) return t.identities.unused;
  return (
    <ul className="used-by">
      {backends.map(({ name, health }) => (
        <li key={name} className={`tone-${toneOfHealth[health]}`}>
          <a href={formatPlace({ screen: "connections", details: { backend: name } })}>{formatPrintable(name)}</a>{" "}
          <span className="lamp-word">
            <span className="lamp" aria-hidden="true" />
            {t.status.backends.health[health]}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Chain({ chain }: { readonly chain: NonNullable<IdentityDetails["chain"]> }) {
  const { t, f } = useText();
  const words = t.identities;
  return (
    <details className="disclosure">
      <summary>{words.chain(chain.length)}</summary>
      <ol className="chain">
        {chain.map((one) => (
          <li key={one.fingerprint} className="chain-link">
            <p className="wrap-anywhere">
              <strong>{formatPrintable(one.subject)}</strong>
            </p>
            <FactList
              facts={[
                [words.facts.issuer, formatPrintable(one.issuer)],
                [words.facts.expires, `${f.day(one.notBefore)} – ${f.day(one.notAfter)}`],
                [
                  words.facts.serial,
                  <span className="code" key="serial">
                    {one.serial}
                  </span>,
                ],
                [
                  words.facts.fingerprint,
                  <span className="code" key="fingerprint">
                    {one.fingerprint}
                  </span>,
                ],
              ]}
            />
          </li>
        ))}
      </ol>
    </details>
  );
}
