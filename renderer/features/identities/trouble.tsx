import type { IdentityDetails } from "../../../agent/contract/index.ts";
import { Prose } from "../../pieces/index.ts";
import { failureText, formatPrintable } from "../../text/index.ts";
import { Icon } from "../../ui/index.ts";

/** Why a key or its renewal does not work, what to do, and in the words of whoever said so. */
export function Trouble({ problem, code }: Pick<IdentityDetails, "problem" | "code">) {
  const text = code === undefined ? undefined : failureText(code);
  return (
    <div className="notice-box notice-box-deny">
      <Icon name="warning" />
      <div className="stack-small grow">
        {text === undefined ? null : (
          <p>
            <strong>{text.sentence}</strong> <Prose says={text.remedy} />
          </p>
        )}
        {problem === undefined ? null : (
          <p className="identity-problem wrap-anywhere">
            <Prose says={formatPrintable(problem)} />
          </p>
        )}
      </div>
    </div>
  );
}
