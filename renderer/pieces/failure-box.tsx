import type { BridgeError } from "../store/index.ts";
import { failureText, useText } from "../text/index.ts";
import { Button, Icon } from "../ui/index.ts";
import { Prose } from "./prose.tsx";
import { Incident } from "./incident.tsx";

/** What could not be had, why, what to do; and a way to try again. */
export function FailureBox({ error, onAgain }: { readonly error: BridgeError; readonly onAgain?: () => void }) {
  const { t } = useText();
  const { sentence, remedy } = failureText(error.code);
  return (
    <div className="notice-box notice-box-deny" role="alert">
      <Icon name="warning" />
      <div className="stack-small grow">
        <p>
          <strong>{sentence}</strong> <Prose says={remedy} />
        </p>
        <p className="code wrap-anywhere">
          {error.code}: {error.detail}
        </p>
        {error.incident === undefined ? null : <Incident incident={error.incident} />}
        {onAgain === undefined ? null : (
          <p>
            <Button small onClick={onAgain}>
              {t.common.tryAgain}
            </Button>
          </p>
        )}
      </div>
    </div>
  );
}
