import { useText } from "../text/index.ts";
import { CopyButton, Icon } from "../ui/index.ts";

/** The command that says the same as this screen. */
export function TerminalHint({ command }: { readonly command: string }) {
  const { t } = useText();
  return (
    <span className="terminal-hint" title={t.common.inTerminal}>
      <Icon name="terminal" />
      <span className="hidden-text">{t.common.inTerminal}: </span>
      <code className="ellipsis">{command}</code>
      <CopyButton text={command} label={t.common.copyThing(command)} done={t.common.copied} />
    </span>
  );
}
