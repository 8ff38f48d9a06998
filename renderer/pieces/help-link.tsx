import { formatPrintable } from "../text/index.ts";

/** A link out of the policy's text. SECURITY: only https leads anywhere; anything else is shown, not followed. */
export function HelpLink({ address }: { readonly address: string }) {
  const shown = formatPrintable(address.replace(/^https:\/\//, ""));
  if (!URL.canParse(address) || new URL(address).protocol !== "https:")
    return <span className="wrap-anywhere">{formatPrintable(address)}</span>;
  return (
    <a className="wrap-anywhere" href={address} target="_blank" rel="noreferrer noopener">
      {shown}
    </a>
  );
}
