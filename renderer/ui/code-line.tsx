import { CopyButton } from "./copy-button.tsx";

/** One line to paste elsewhere. It scrolls sideways on its own, so it can be reached by keyboard. */
export function CodeLine({ text, label, done }: { readonly text: string; readonly label: string; readonly done: string }) {
  return (
    <div className="code-line">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard (WCAG 2.1.1) */}
      <code tabIndex={0}>{text}</code>
      <CopyButton text={text} label={label} done={done} />
    </div>
  );
}
