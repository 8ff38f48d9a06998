import type { ReactNode } from "react";
import { Icon, type IconName } from "./icon.tsx";

export interface EmptyStateProps {
  readonly icon: IconName;
  readonly title: string;
  readonly says?: string;
  readonly children?: ReactNode;
}

/** What is shown where nothing is: why, and what to do. */
export function EmptyState({ icon, title, says, children }: EmptyStateProps) {
  return (
    <div className="empty">
      <span className="empty-mark">
        <Icon name={icon} />
      </span>
      <h2>{title}</h2>
      {says === undefined ? null : <p>{says}</p>}
      {children}
    </div>
  );
}

/** Something is on its way. */
export function Waiting({ says }: { readonly says: string }) {
  return (
    <div className="waiting" role="status">
      <span className="spinner" aria-hidden="true" />
      {says}
    </div>
  );
}
