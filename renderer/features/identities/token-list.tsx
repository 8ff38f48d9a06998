import type { IdentityDetails, Token } from "../../../agent/contract/index.ts";
import { FailureBox } from "../../pieces/index.ts";
import { useCall, useNow } from "../../store/index.ts";
import { formatPrintable, useText } from "../../text/index.ts";
import { Button, CopyButton, Icon, Waiting } from "../../ui/index.ts";
import { type Holding, holdingsOf, yamlFor } from "./token-holdings.ts";

/** The tokens of every module that an identity names, and what they show without a PIN. */
export function TokenList({ identities }: { readonly identities: readonly IdentityDetails[] }) {
  const { t } = useText();
  const words = t.identities.tokens;
  const { value, state, error, again } = useCall("identity.tokens", {});
  const tokens = value ?? [];
  return (
    <section className="panel" aria-labelledby="tokens-title">
      <div className="panel-head">
        <h2 id="tokens-title">{words.title}</h2>
        <span className="quiet grow">{words.says}</span>
        <Button small disabled={state === "loading"} onClick={again}>
          {state === "loading" ? words.looking : words.again}
        </Button>
      </div>
      {error === undefined ? null : (
        <div className="panel-body">
          <FailureBox error={error} onAgain={again} />
        </div>
      )}
      {value === undefined && state === "loading" ? <Waiting says={words.looking} /> : null}
      {state === "ready" && tokens.length === 0 ? <p className="panel-body quiet">{words.none}</p> : null}
      <ul>
        {tokens.map((token) => (
          <OneToken key={`${token.serial} ${token.label}`} token={token} identities={identities} />
        ))}
      </ul>
    </section>
  );
}

function OneToken({ token, identities }: { readonly token: Token; readonly identities: readonly IdentityDetails[] }) {
  const { t } = useText();
  const words = t.identities.tokens;
  const holdings = holdingsOf(token, identities);
  const pinWord = token.loggedIn ? words.loggedIn : words.pin[token.pin];
  const tone = token.pin === "locked" || token.pin === "last-try" ? "deny" : token.loggedIn ? "allow" : "ask";
  return (
    <li className="token">
      <div className="token-head">
        <h3 className="wrap-anywhere">{formatPrintable(token.label)}</h3>
        <span className="quiet wrap-anywhere">
          {[`${token.manufacturer} ${token.model}`.trim(), words.serial(token.serial)].map(formatPrintable).join(" · ")}
        </span>
        {pinWord === "" ? null : (
          <span className={`lamp-word tone-${tone}`}>
            <span className="lamp" aria-hidden="true" />
            {pinWord}
          </span>
        )}
      </div>
      {holdings.length === 0 ? <p className="quiet">{words.empty}</p> : null}
      <ul className="holdings">
        {holdings.map((holding) => (
          <OneHolding key={`${holding.id} ${holding.label} ${holding.certificate?.subject ?? ""}`} holding={holding} />
        ))}
      </ul>
    </li>
  );
}

function OneHolding({ holding }: { readonly holding: Holding }) {
  const { t, f } = useText();
  const words = t.identities.tokens;
  const now = useNow(60_000);
  const { key, certificate, identity, label } = holding;
  return (
    <li className="holding">
      <Icon name={key === undefined ? "policy" : "key"} />
      <div className="stack-small grow">
        <p className="wrap-anywhere">
          <strong>{formatPrintable(certificate?.subject ?? label)}</strong>{" "}
          <span className="quiet">
            {key === undefined ? words.noKey : (words.kinds[key.type] ?? formatPrintable(key.type))}
            {certificate === undefined ? ` · ${words.noCertificate}` : null}
          </span>
        </p>
        {certificate === undefined ? null : (
          <p className="quiet wrap-anywhere">
            {t.identities.facts.issuer} {formatPrintable(certificate.issuer)} ·{" "}
            {words.until(f.day(certificate.expiresAt), f.away(certificate.expiresAt - now))}
          </p>
        )}
        {key === undefined || identity !== undefined ? null : <HowToUse uri={key.uri} />}
      </div>
      {identity === undefined ? null : <span className="tag">{words.usedAs(formatPrintable(identity))}</span>}
    </li>
  );
}

function HowToUse({ uri }: { readonly uri: string }) {
  const { t } = useText();
  const words = t.identities.tokens;
  const yaml = yamlFor(uri);
  return (
    <details className="disclosure">
      <summary>{words.showYaml}</summary>
      <p className="quiet">{words.use}</p>
      <div className="yaml">
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard (WCAG 2.1.1) */}
        <pre className="code-block" tabIndex={0}>
          {formatYaml(yaml)}
        </pre>
        <CopyButton text={yaml} label={t.common.copy} done={t.common.copied} />
      </div>
    </details>
  );
}

const formatYaml = (yaml: string): string => yaml.split("\n").map(formatPrintable).join("\n");
