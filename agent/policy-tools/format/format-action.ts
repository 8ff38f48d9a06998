import { type ActionNode, formatDurationLiteral, formatStringLiteral } from "../../policy/index.ts";

/** An action in its one order: what it does, its options, and apart from them its sentences, which may stand on lines of their own. */
export interface ActionText {
  readonly act: string;
  readonly spoken: readonly string[];
}

export function formatAction(action: ActionNode): ActionText {
  const words = [action.kind, ...objectOf(action), ...optionsOf(action)];
  const spoken = [
    ...(action.say === undefined ? [] : [`say ${formatStringLiteral(action.say)}`]),
    ...(action.help === undefined ? [] : [`help ${formatStringLiteral(action.help)}`]),
  ];
  return { act: words.join(" "), spoken };
}

function objectOf(action: ActionNode): readonly string[] {
  switch (action.kind) {
    case "allow":
    case "deny":
      return [];
    case "redirect":
      return [formatStringLiteral(action.url.text)];
    case "rewrite":
      return [formatStringLiteral(action.target.text)];
    case "step_up":
      return [action.what, action.what === "max_age" ? action.value : formatStringLiteral(action.value)];
    case "challenge":
      return action.value === undefined ? [action.what] : [action.what, formatStringLiteral(action.value)];
  }
}

function optionsOf(action: ActionNode): readonly string[] {
  if (action.kind === "allow" || action.kind === "rewrite") {
    return [
      ...(action.log === undefined ? [] : [`log ${action.log}`]),
      ...(action.forMs === undefined ? [] : [`for ${formatDurationLiteral(action.forMs)}`]),
      ...(action.onChange === undefined ? [] : [`on_change ${action.onChange}`]),
    ];
  }
  if (action.kind === "step_up" || action.kind === "challenge") {
    return action.holdMs === 0 ? [] : [`hold ${formatDurationLiteral(action.holdMs)}`];
  }
  return [];
}
