import type { ButtonHTMLAttributes } from "react";
import { Icon, type IconName } from "./icon.tsx";

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "className" | "style"> {
  readonly tone?: "main" | "danger" | "plain";
  readonly small?: boolean;
  readonly icon?: IconName;
}

/** A button with words, and an icon before them if given. */
export function Button({ tone, small = false, icon, children, ...rest }: ButtonProps) {
  return (
    <button type="button" {...rest} className={buttonClass({ tone, small, iconOnly: false })}>
      {icon === undefined ? null : <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A button that shows only an icon; `label` is what it says to those who do not see it, and as a tip. */
export function IconButton({
  tone,
  small = false,
  icon,
  label,
  ...rest
}: ButtonProps & { readonly icon: IconName; readonly label: string }) {
  return (
    <button type="button" {...rest} aria-label={label} title={label} className={buttonClass({ tone, small, iconOnly: true })}>
      <Icon name={icon} />
    </button>
  );
}

interface Look {
  readonly tone: ButtonProps["tone"] | undefined;
  readonly small: boolean;
  readonly iconOnly: boolean;
}

function buttonClass({ tone, small, iconOnly }: Look): string {
  return ["button", tone && `button-${tone}`, small && "button-small", iconOnly && "button-icon"].filter(Boolean).join(" ");
}
