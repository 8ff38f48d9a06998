import type { ReactNode } from "react";
import { TerminalHint } from "./terminal-hint.tsx";

export interface ScreenHeadProps {
  readonly title: string;
  /** What the screen says in one line. */
  readonly says?: ReactNode;
  readonly command: string;
}

export function ScreenHead({ title, says, command }: ScreenHeadProps) {
  return (
    <header className="screen-head">
      <h1>{title}</h1>
      {says === undefined ? null : <p className="quiet screen-says">{says}</p>}
      <TerminalHint command={command} />
    </header>
  );
}
