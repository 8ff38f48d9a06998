import { memo } from "react";
import { PolicyCode, VerdictShape } from "../../pieces/index.ts";
import { editorId } from "./select-line.ts";

export interface PolicyEditorProps {
  readonly text: string;
  readonly label: string;
  readonly problemLines: ReadonlySet<number>;
  readonly onText: (text: string) => void;
}

/**
 * A text field over its own text in colours. Both have the same letters and lines, so the field's own scrolling is never needed:
 * the box around them scrolls. Where the system forces its colours, only the field is shown.
 */
export function PolicyEditor({ text, label, problemLines, onText }: PolicyEditorProps) {
  return (
    <div className="panel editor">
      <div className="editor-box">
        <Numbers count={text.split("\n").length} problemLines={problemLines} />
        <div className="editor-layers">
          <pre className="editor-colours" aria-hidden="true">
            <PolicyCode text={`${text}\n`} />
          </pre>
          <textarea
            id={editorId}
            className="editor-field"
            aria-label={label}
            data-shortcut="search"
            spellCheck={false}
            autoCapitalize="none"
            autoComplete="off"
            wrap="off"
            value={text}
            onChange={(event) => onText(event.currentTarget.value)}
          />
        </div>
      </div>
    </div>
  );
}

const Numbers = memo(function Numbers({ count, problemLines }: { readonly count: number; readonly problemLines: ReadonlySet<number> }) {
  return (
    <ol className="editor-numbers" aria-hidden="true">
      {Array.from({ length: count }, (_, index) => (
        <li key={index} id={`${editorId}-${index + 1}`} className={problemLines.has(index + 1) ? "editor-number-problem" : undefined}>
          {problemLines.has(index + 1) ? <VerdictShape outcome="deny" /> : null}
          {index + 1}
        </li>
      ))}
    </ol>
  );
});
