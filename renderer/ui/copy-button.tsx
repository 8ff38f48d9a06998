import { useEffect, useState } from "react";
import { Button, IconButton } from "./button.tsx";

export interface CopyButtonProps {
  readonly text: string;
  /** What the button says, and what it says after it was done. */
  readonly label: string;
  readonly done: string;
  /** Shows the label beside the icon. */
  readonly words?: boolean;
  readonly onFailed?: (() => void) | undefined;
}

const doneMs = 1600;

/** Puts a text on the clipboard and says so for a moment. */
export function CopyButton({ text, label, done, words = false, onFailed }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = window.setTimeout(() => setCopied(false), doneMs);
    return () => window.clearTimeout(timer);
  }, [copied]);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => onFailed?.(),
    );
  };
  const icon = copied ? "check" : "copy";
  return (
    <>
      {words ? (
        <Button small icon={icon} onClick={copy}>
          {copied ? done : label}
        </Button>
      ) : (
        <IconButton small tone="plain" icon={icon} label={copied ? done : label} onClick={copy} />
      )}
      <span className="hidden-text" role="status">
        {copied ? done : ""}
      </span>
    </>
  );
}
