import type { HandshakeStory } from "../../../agent/contract/index.ts";
import { Prose } from "../../pieces/index.ts";
import { failureText, formatPrintable, useText } from "../../text/index.ts";
import { Icon } from "../../ui/index.ts";

export interface StoryProps {
  readonly story: HandshakeStory;
  /** What to say when all of it worked. */
  readonly good: string;
}

/** Step by step in plain words; a step that failed says what it is called and what to do. */
export function Story({ story, good }: StoryProps) {
  const { t } = useText();
  const words = t.identities.test;
  return (
    <div className="story">
      <h3 className={`tone-${story.ok ? "allow" : "deny"} story-title`}>{story.ok ? good : words.bad}</h3>
      <ol className="story-steps" aria-label={words.story}>
        {story.steps.map(({ ok, says, code }) => (
          <li key={says} className={`story-step tone-${ok ? "allow" : "deny"}`}>
            <span className="story-sign">
              <Icon name={ok ? "check" : "close"} />
            </span>
            <div className="stack-small grow">
              <p className="wrap-anywhere">
                <span className="hidden-text">{ok ? words.worked : words.failed}: </span>
                {formatPrintable(says)}
              </p>
              {code === undefined ? null : <Named code={code} />}
            </div>
          </li>
        ))}
      </ol>
    </div>
  );
}

function Named({ code }: { readonly code: NonNullable<HandshakeStory["steps"][number]["code"]> }) {
  const { t } = useText();
  const { sentence, remedy } = failureText(code);
  return (
    <div className="notice-box notice-box-deny">
      <div className="stack-small grow">
        <p>
          <strong>{sentence}</strong>
        </p>
        <p>
          {t.identities.test.remedy} <Prose says={remedy} />
        </p>
        <p className="code">{code}</p>
      </div>
    </div>
  );
}
