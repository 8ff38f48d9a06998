import { type ReactNode, useEffect, useRef } from "react";
import { IconButton } from "./button.tsx";

export interface SidePanelProps {
  readonly title: string;
  readonly closeLabel: string;
  readonly onClose: () => void;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** Details beside a list. It takes the focus when it opens; who closes it gives the focus back. */
export function SidePanel({ title, closeLabel, onClose, actions, children }: SidePanelProps) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.focus({ preventScroll: true }), []);
  return (
    <aside ref={panel} className="detail" tabIndex={-1} aria-label={title}>
      <div className="detail-head">
        <h2>{title}</h2>
        {actions}
        <IconButton small tone="plain" icon="close" label={closeLabel} data-shortcut="leave" onClick={onClose} />
      </div>
      <div className="detail-body">{children}</div>
    </aside>
  );
}

/** Put the focus on a row again, after the panel about it was closed. */
export function focusRow(key: string): void {
  document.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`)?.focus();
}
