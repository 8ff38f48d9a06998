import { memo } from "react";
import { formatPrintableLines } from "../text/index.ts";
import { tokensOf } from "./policy-tokens.ts";

/** Policy text in colours. The text is only ever text: tokens become spans, never markup. */
export const PolicyCode = memo(function PolicyCode({ text }: { readonly text: string }) {
  let at = 0;
  return tokensOf(text).map((token) => {
    const key = at;
    at += token.text.length;
    return token.kind === "plain" ? (
      formatPrintableLines(token.text)
    ) : (
      <span key={key} className={`token-${token.kind}`}>
        {formatPrintableLines(token.text)}
      </span>
    );
  });
});
