import "./questions.css";
import { useAgent } from "../../store/index.ts";
import { formatPrintable, useText } from "../../text/index.ts";
import { Icon } from "../../ui/index.ts";

/** Keys that wait for a finger, or for their PIN on a keypad of their own: nothing can be clicked, so it is a notice. */
export function TouchNotices() {
  const { t } = useText();
  const touches = useAgent((state) => state.questions.touches);
  const words = t.questions.touch;
  return (
    <ul className="touches" aria-label={words.title} aria-live="assertive">
      {touches.map(({ identity, token, kind }) => (
        <li key={`${identity} ${token}`} className="touch tone-ask">
          <span className="touch-sign">
            <Icon name={kind} />
          </span>
          <div className="stack-small">
            <p className="touch-title wrap-anywhere">
              <bdi>{words[kind](formatPrintable(token))}</bdi>
            </p>
            <p className="touch-says wrap-anywhere">{(kind === "keypad" ? words.keypadSays : words.says)(formatPrintable(identity))}</p>
          </div>
        </li>
      ))}
    </ul>
  );
}
